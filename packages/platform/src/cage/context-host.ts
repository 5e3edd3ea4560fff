import { type Context, isOrreryError, OrreryError, type Service } from "@orrery/core";
import { contractOf, type MethodContract } from "@orrery/core/internal";
import { type GuestReply, type GuestRequest, guestReply } from "@orrery/guest/abi";

/** Answers the calls of mechtrons by services of the network. */
export interface ServiceCalls {
  /**
   * Calls a method on behalf of the message that `context` belongs to, so that its flow, agent, deadline and chain of calls go on: a call that
   * comes back to a waiting mechtron is refused as `call_cycle`.
   * @throws OrreryError as the call does; `not_found` for a service that was not given, `unimplemented` for a method that it has not.
   */
  call(request: GuestRequest, context: Context): Promise<GuestReply>;
}

/** What answers the calls of a mechtron on behalf of a message: services of the network, then whoever else was given. */
export interface ContextHostOptions {
  /** Default: none. */
  readonly calls?: readonly Service[] | undefined;
  /** Gives undefined for what it does not know. Default: knows nothing. */
  readonly host?: ((request: GuestRequest, context: Context) => Promise<GuestReply> | undefined) | undefined;
}

/** Makes what answers the calls of a mechtron. It throws as they fail. */
export function createContextHost({
  calls = [],
  host,
}: ContextHostOptions): (request: GuestRequest, context: Context) => Promise<GuestReply> {
  const services = createServiceCalls(calls);
  const names = new Set(calls.map((one) => contractOf(one).name));
  return async (request, context) => {
    if (names.has(request.service)) return services.call(request, context);
    return (await host?.(request, context)) ?? services.call(request, context);
  };
}

type Methods = Readonly<Record<string, (value: unknown) => Promise<unknown>>>;

/** Makes the calls of services that a mechtron may call; of their methods, those with one reply and those without. */
export function createServiceCalls(services: readonly Service[]): ServiceCalls {
  const known = new Map(services.map((service) => [contractOf(service).name, service]));
  return {
    async call(request, context) {
      const service = known.get(request.service);
      const what = `Cannot call "${request.service}.${request.method}"`;
      if (service === undefined) {
        throw new OrreryError(
          "not_found",
          `${what}: this mechtron may call ${[...known.keys()].join(", ") || "nothing"}`,
        );
      }
      const method = contractOf(service).methods.get(request.method);
      if (method === undefined || (method.mode !== "sync" && method.mode !== "async")) {
        throw new OrreryError("unimplemented", `${what}: the service has no such method with one reply`);
      }
      const value = await decode(method, request, what);
      if (method.mode === "async") {
        await (context.send(service) as unknown as Methods)[method.localName]?.(value);
        return guestReply({});
      }
      const reply = await (context.client(service) as unknown as Methods)[method.localName]?.(value);
      return guestReply({ contentType: method.reply.contentType, body: method.reply.encode(reply) });
    },
  };
}

async function decode(method: MethodContract, request: GuestRequest, what: string): Promise<unknown> {
  const { contentType } = method.request;
  if (request.contentType !== contentType && request.body.length > 0) {
    const text = `${what}: its request is "${contentType}", the mechtron sent "${request.contentType}"`;
    throw new OrreryError("invalid_argument", text);
  }
  try {
    return method.request.decode(request.body);
  } catch (error) {
    throw isOrreryError(error) ? error : new OrreryError("invalid_argument", `${what}: its request cannot be read`);
  }
}
