import { contractOf, type MethodContract, type Service, type ServiceContract } from "./contract.ts";
import type { FlowRef, Mode } from "./envelope.ts";
import type { SendOptions } from "./options.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { Cause } from "./speaker.ts";

/** What callers hold: an object with one function for each method of a service, bound to who speaks, a message and a flow. */
export type Facade = new (voice: Voice, cause: Cause | undefined, flow: FlowRef | undefined) => object;

/** Does what the functions of a facade are for. */
export interface Voice {
  speak(
    contract: ServiceContract,
    method: MethodContract,
    cause: Cause | undefined,
    request: unknown,
    options: SendOptions,
  ): unknown;
}

/** Ways to speak: each has the methods of its modes, and tells of the others where they are. */
export type Verb = "client" | "send" | "publish";

const VOICE = Symbol("voice");
const CAUSE = Symbol("cause");
const FLOW = Symbol("flow");
/** Stands for options that were not given. */
export const NO_OPTIONS: SendOptions = Object.freeze({});
const VERB_OF: Readonly<Record<Mode, Verb>> = { sync: "client", stream: "client", async: "send", broadcast: "publish" };

/** One facade for all who speak: V8 then knows the objects of a thousand nodes by one shape. */
const facades: Readonly<Record<Verb, WeakMap<Service, Facade>>> = {
  client: new WeakMap(),
  send: new WeakMap(),
  publish: new WeakMap(),
};

/** The facade of a service. Without options of their own, its functions all pass on the same empty ones. */
export function facadeOf(verb: Verb, service: Service): Facade {
  let facade = facades[verb].get(service);
  if (facade === undefined) {
    facade = makeFacade(verb, contractOf(service));
    facades[verb].set(service, facade);
  }
  return facade;
}

function makeFacade(verb: Verb, contract: ServiceContract): Facade {
  class ServiceFacade {
    readonly [VOICE]: Voice;
    readonly [CAUSE]: Cause | undefined;
    readonly [FLOW]: FlowRef | undefined;
    constructor(voice: Voice, cause: Cause | undefined, flow: FlowRef | undefined) {
      this[VOICE] = voice;
      this[CAUSE] = cause;
      this[FLOW] = flow;
    }
  }
  for (const method of contract.methods.values()) {
    const right = VERB_OF[method.mode];
    Object.defineProperty(ServiceFacade.prototype, method.localName, {
      value(this: ServiceFacade, request: unknown, options: SendOptions = NO_OPTIONS) {
        if (right !== verb) throw wrongMode(contract, method, right);
        const flow = this[FLOW];
        return this[VOICE].speak(
          contract,
          method,
          this[CAUSE],
          request,
          flow === undefined ? options : { flow, ...options },
        );
      },
    });
  }
  Object.freeze(ServiceFacade.prototype);
  return ServiceFacade;
}

function wrongMode(contract: ServiceContract, method: MethodContract, right: Verb): OrreryError {
  const text = `Cannot use method "${contract.name}.${method.name}" so: its mode is ${method.mode}, write ${right}(service).${method.localName}(request)`;
  return failure("mode_mismatch", text);
}
