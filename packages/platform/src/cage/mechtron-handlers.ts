import { type Context, type ErrorDetails, isCode, type JsonValue, OrreryError, type Service } from "@orrery/core";
import { contractOf, type MethodContract } from "@orrery/core/internal";
import {
  decodeGuestRequest,
  encodeGuestReply,
  type GuestFailure,
  type GuestReply,
  type GuestRequest,
  guestRequest,
} from "@orrery/guest/abi";

/** Has a mechtron answer a message that came to a component. */
export type AskMechtron = (request: GuestRequest, context: Context) => Promise<GuestReply>;

/**
 * Makes the handlers of a component of what asks a mechtron: methods with one reply or none, or the one that takes encoded messages.
 * @throws OrreryError `invalid_argument` for a contract that has others.
 */
export function mechtronHandlers(service: Service, ask: AskMechtron): object {
  const { name, methods } = contractOf(service);
  for (const method of methods.values()) assertSingle(name, method);
  const told: AskMechtron = (request, context) => ask(withContext(request, context), context);
  const handlers = [...methods.values()].map((one) => (isRaw(one) ? rawHandler(told) : handler(name, one, told)));
  return Object.fromEntries(handlers);
}

type Named = readonly [name: string, run: (request: unknown, context: Context) => Promise<unknown>];

function rawHandler(ask: AskMechtron): Named {
  return [
    "handle",
    async (request, context) => encodeGuestReply(await ask(decodeGuestRequest(request as Uint8Array), context)),
  ];
}

function handler(service: string, method: MethodContract, ask: AskMechtron): Named {
  const run = async (value: unknown, context: Context) => {
    const { contentType } = method.request;
    const body = method.request.encode(value);
    const reply = await ask(guestRequest({ service, method: method.name, contentType, body }), context);
    if (reply.failure !== undefined) throw errorOfGuest(reply.failure);
    if (method.mode === "async") return undefined;
    if (reply.contentType !== method.reply.contentType && reply.body.length > 0) {
      const why = `it replied "${reply.contentType}", its contract says "${method.reply.contentType}"`;
      throw new OrreryError("internal", `Cannot finish "${service}.${method.name}": ${why}`);
    }
    return method.reply.decode(reply.body);
  };
  return [method.localName, run];
}

/** A request with what the message says that it came with. */
export function withContext(request: GuestRequest, context: Context): GuestRequest {
  const left = context.deadline === 0 ? 0 : Math.max(1, Math.floor(context.deadline - context.clock.monotonic()));
  return { ...request, agent: context.agent, nowMs: context.clock.now(), budgetMs: left };
}

/** The error that a mechtron declared. */
export function errorOfGuest({ code, message, reason, details }: GuestFailure): OrreryError {
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

/** Whether a method takes encoded messages, as that of `defineMechtronService` does. */
function isRaw({ name, request, reply }: MethodContract): boolean {
  const octets = "application/octet-stream";
  return name === "handle" && request.contentType === octets && reply.contentType === octets;
}
