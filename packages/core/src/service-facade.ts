import type { MethodContract, ServiceContract } from "./contract.ts";
import type { FlowRef, Mode } from "./envelope.ts";
import type { SendOptions } from "./options.ts";
import { failure } from "./orrery-error.ts";
import type { Cause } from "./speaker.ts";

/** What callers hold: an object with one function for each method of a service, bound to a message and a flow. */
export type Facade = new (cause: Cause | undefined, flow: FlowRef | undefined) => object;

/** Does what one function of a facade is for. */
export type Invoke = (
  method: MethodContract,
  cause: Cause | undefined,
  request: unknown,
  options: SendOptions,
) => unknown;

/** Ways to speak: each has the methods of its modes, and tells of the others where they are. */
export type Verb = "client" | "send" | "publish";

const CAUSE = Symbol("cause");
const FLOW = Symbol("flow");
/** Stands for options that were not given. */
export const NO_OPTIONS: SendOptions = Object.freeze({});
const VERB_OF: Readonly<Record<Mode, Verb>> = { sync: "client", stream: "client", async: "send", broadcast: "publish" };

/** Makes the facade of a service. Without options of their own, its functions all pass on the same empty ones. */
export function makeFacade(verb: Verb, contract: ServiceContract, invoker: (method: MethodContract) => Invoke): Facade {
  class ServiceFacade {
    readonly [CAUSE]: Cause | undefined;
    readonly [FLOW]: FlowRef | undefined;
    constructor(cause: Cause | undefined, flow: FlowRef | undefined) {
      this[CAUSE] = cause;
      this[FLOW] = flow;
    }
  }
  for (const method of contract.methods.values()) {
    const right = VERB_OF[method.mode];
    const invoke = right === verb ? invoker(method) : refuseMode(contract, method, right);
    Object.defineProperty(ServiceFacade.prototype, method.localName, {
      value(this: ServiceFacade, request: unknown, options: SendOptions = NO_OPTIONS) {
        const flow = this[FLOW];
        return invoke(method, this[CAUSE], request, flow === undefined ? options : { flow, ...options });
      },
    });
  }
  return ServiceFacade;
}

function refuseMode(contract: ServiceContract, method: MethodContract, right: Verb): Invoke {
  return () => {
    const text = `Cannot use method "${contract.name}.${method.name}" so: its mode is ${method.mode}, write ${right}(service).${method.localName}(request)`;
    throw failure("mode_mismatch", text);
  };
}
