import { type ClientNode, OrreryError, type Service, type StreamOptions, type Ticket } from "@orrery/core";
import { contractOf, type DescribedComponent, failure } from "@orrery/core/internal";

/** Which method is called, and with what. */
export interface AppInvocation {
  readonly service: string;
  /** As the contract spells it. */
  readonly method: string;
  /** As the contract encodes it. */
  readonly body: Uint8Array;
}

/** Calls services by what their contracts say, for whoever knows them by their descriptions alone. */
export interface AppCallee {
  /** What its processes told of themselves: all that somebody needs to call them. */
  readonly services: readonly DescribedComponent[];
  /**
   * Calls a method that is no stream; gives the reply as the contract encodes it, nothing for what was accepted or sent.
   * @throws OrreryError `not_found`, `unimplemented`, `invalid_argument` for a body that cannot be read, and as calls do
   */
  call(invocation: AppInvocation, options: StreamOptions): Promise<Uint8Array>;
  /** Opens a stream; gives its items likewise. @throws OrreryError as `call` */
  stream(invocation: AppInvocation, options: StreamOptions): AsyncIterable<Uint8Array>;
}

/** What calls are made of. */
export interface AppCalleeOptions {
  /** Makes the calls. */
  readonly node: Pick<ClientNode, "client" | "send" | "publish">;
  readonly described: readonly DescribedComponent[];
  /** Contracts of the same. */
  readonly services: readonly Service[];
}

/** Makes it. */
export function createAppCallee({ node, described, services }: AppCalleeOptions): AppCallee {
  const known = new Map(services.map((service) => [contractOf(service).name, service]));
  const find = ({ service: name, method: said, body }: AppInvocation) => {
    const service = known.get(name);
    if (service === undefined)
      throw failure("no_such_component", `Cannot find service "${name}": the app has it no more`);
    const methods = [...contractOf(service).methods.values()];
    const method = methods.find((one) => one.name === said || one.localName === said);
    if (method !== undefined) return { service, method, request: method.request.decode(body) };
    const names = methods.map((one) => one.name).join(", ");
    throw failure("no_such_method", `Cannot find method "${said}" of "${name}": its methods are ${names}`);
  };
  return {
    services: described,
    call: async (invocation, options) => {
      const { service, method, request } = find(invocation);
      const { localName: name } = method;
      switch (method.mode) {
        case "sync":
          return method.reply.encode(
            await (node.client(service) as Methods<Promise<unknown>>)[name]?.(request, options),
          );
        case "async":
          await (node.send(service) as Methods<Ticket>)[name]?.(request, options).accepted;
          return NOTHING;
        case "broadcast":
          (node.publish(service) as Methods<void>)[name]?.(request, options);
          return NOTHING;
        case "stream": {
          const text = `Cannot call "${invocation.service}/${method.name}" with one reply: its mode is stream`;
          throw new OrreryError("unimplemented", text);
        }
      }
    },
    stream: async function* (invocation, options) {
      const { service, method, request } = find(invocation);
      if (method.mode !== "stream")
        throw new OrreryError(
          "unimplemented",
          `Cannot open "${invocation.service}/${method.name}" as a stream: its mode is ${method.mode}`,
        );
      const client = node.client(service) as Methods<AsyncIterable<unknown>>;
      for await (const item of client[method.localName]?.(request, options) ?? []) yield method.reply.encode(item);
    },
  };
}

/** Methods of a service whose contract is known only now. */
type Methods<R> = Readonly<Record<string, (request: unknown, options: StreamOptions) => R>>;

const NOTHING = new Uint8Array(0);
