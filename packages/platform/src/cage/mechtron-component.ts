import {
  bytes,
  type Component,
  type ComponentOptions,
  type Context,
  defineComponent,
  defineService,
  type ErrorDetails,
  isCode,
  type JsonValue,
  OrreryError,
  type SchemaService,
  type Service,
} from "@orrery/core";
import { contractOf, type MethodContract } from "@orrery/core/internal";
import {
  decodeGuestRequest,
  encodeGuestReply,
  type GuestFailure,
  type GuestReply,
  type GuestRequest,
  guestRequest,
} from "@orrery/guest/abi";
import type { Cage, MechtronOptions } from "./cage.ts";
import { createServiceCalls } from "./context-host.ts";
import type { Mechtron } from "./mechtron.ts";

/** What a component whose code is a mechtron's is made of. */
export interface MechtronComponentOptions extends Omit<MechtronOptions, "host"> {
  /** Where its mechtrons run. */
  readonly cage: Cage;
  /** What it serves: a contract whose methods have one reply or none, or one that `defineMechtronService` made. */
  readonly service: Service;
  /** What it may call. Default: nothing. */
  readonly calls?: readonly Service[];
  /** Answers what it calls of services that `calls` has not; gives undefined for what it does not know. Default: nothing. */
  readonly host?: (request: GuestRequest, context: Context) => Promise<GuestReply> | undefined;
  /** Told of each instance's mechtron, so that what it uses can be counted. Default: nobody is told. */
  readonly onMechtron?: (mechtron: Mechtron) => void;
  /** As every component has them. */
  readonly component?: ComponentOptions;
}

/** The service of a mechtron that answers whatever it is handed, such as HTTP: encoded requests and replies of `@orrery/guest/abi`. */
export function defineMechtronService(name: string): SchemaService<{
  readonly handle: { readonly request: typeof bytes; readonly reply: typeof bytes };
}> {
  return defineService(name, { handle: { request: bytes, reply: bytes } });
}

/**
 * Makes an ordinary component of a mechtron: each of its instances has a mechtron of its own in the cage, so that queues, deadlines, chains
 * of calls and supervision are those of every component.
 * @throws OrreryError `invalid_argument` for code, limits or a contract that cannot be accepted.
 */
export function createMechtronComponent(options: MechtronComponentOptions): Component {
  const { cage, service, calls = [], host, onMechtron, component, ...rest } = options;
  const contract = contractOf(service);
  const isRaw = isMechtronService(contract.methods);
  const services = createServiceCalls(calls);
  const names = new Set(calls.map((one) => contractOf(one).name));
  for (const method of contract.methods.values()) assertSingle(contract.name, method);
  cage.createMechtron({ ...rest, host: refuseAll }).close(); // So that bad code is refused here, and not at each start.

  return defineComponent(
    service,
    (instance) => {
      const { clock, random, log } = instance;
      const mechtron = cage.createMechtron({ clock, random, log, ...rest, host: refuseAll });
      onMechtron?.(mechtron);
      instance.onStop(() => mechtron.close());
      instance.onCrash(() => mechtron.close());
      const ask = (request: GuestRequest, context: Context) =>
        mechtron.handle(withContext(request, context), {
          signal: context.signal,
          host: async (call) => {
            if (names.has(call.service)) return services.call(call, context);
            return (await host?.(call, context)) ?? services.call(call, context);
          },
        });
      const handlers = isRaw
        ? [rawHandler(ask)]
        : [...contract.methods.values()].map((one) => handler(contract.name, one, ask));
      return Object.fromEntries(handlers) as never;
    },
    component,
  );
}

type Ask = (request: GuestRequest, context: Context) => Promise<GuestReply>;
type Named = readonly [name: string, run: (request: unknown, context: Context) => Promise<unknown>];

function rawHandler(ask: Ask): Named {
  return [
    "handle",
    async (request, context) => encodeGuestReply(await ask(decodeGuestRequest(request as Uint8Array), context)),
  ];
}

function handler(service: string, method: MethodContract, ask: Ask): Named {
  const run = async (value: unknown, context: Context) => {
    const { contentType } = method.request;
    const body = method.request.encode(value);
    const reply = await ask(guestRequest({ service, method: method.name, contentType, body }), context);
    if (reply.failure !== undefined) throw errorOf(reply.failure);
    if (method.mode === "async") return undefined;
    if (reply.contentType !== method.reply.contentType && reply.body.length > 0) {
      const why = `it replied "${reply.contentType}", its contract says "${method.reply.contentType}"`;
      throw new OrreryError("internal", `Cannot finish "${service}.${method.name}": ${why}`);
    }
    return method.reply.decode(reply.body);
  };
  return [method.localName, run];
}

function withContext(request: GuestRequest, context: Context): GuestRequest {
  const left = context.deadline === 0 ? 0 : Math.max(1, Math.floor(context.deadline - context.clock.monotonic()));
  return { ...request, agent: context.agent, nowMs: context.clock.now(), budgetMs: left };
}

/** The error that a mechtron declared. */
function errorOf({ code, message, reason, details }: GuestFailure): OrreryError {
  const said = { ...detailsOf(details), ...(reason === "" ? {} : { reason }) };
  return new OrreryError(isCode(code) ? code : "unknown", message, { details: said });
}

/** What a mechtron may have got wrong is told as it stands. */
function detailsOf(text: string): ErrorDetails {
  if (text === "") return {};
  try {
    const said = JSON.parse(text) as JsonValue;
    return typeof said === "object" && said !== null && !Array.isArray(said) ? (said as ErrorDetails) : { said };
  } catch {
    return { said: text };
  }
}

function assertSingle(service: string, method: MethodContract): void {
  if (method.mode === "sync" || method.mode === "async") return;
  const text = `Cannot serve "${service}.${method.name}" by a mechtron: its mode is ${method.mode}, mechtrons answer sync and async`;
  throw new OrreryError("invalid_argument", text);
}

function isMechtronService(methods: ReadonlyMap<string, MethodContract>): boolean {
  const only = methods.size === 1 ? methods.get("handle") : undefined;
  const octets = "application/octet-stream";
  return only?.request.contentType === octets && only.reply.contentType === octets;
}

async function refuseAll(): Promise<GuestReply> {
  throw new OrreryError("failed_precondition", "Cannot call out: no message is open");
}
