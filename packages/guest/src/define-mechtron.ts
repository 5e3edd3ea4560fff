import type { GuestBytes, GuestContext } from "./guest-context.ts";
import { failureOfThrown, GuestError } from "./guest-error.ts";
import type { GuestBroadcast, GuestChange } from "./guest-resources.ts";
import { GUEST_ABI, WATCH_SERVICE } from "./names.ts";
import { openContext } from "./open-context.ts";
import type {
  ScriptAnswer,
  ScriptBody,
  ScriptHost,
  ScriptMechtron,
  ScriptReplyHead,
  ScriptRequestHead,
} from "./script.ts";

/** A request of HTTP. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Behind the `?`; empty for none. */
  readonly query: string;
  /** Names in small letters. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly contentType: string;
  /** A string where the content type says text or JSON. */
  readonly body: GuestBytes;
}

/** An answer to HTTP. */
export interface HttpReply {
  /** Default: 200. */
  readonly status?: number;
  /** Default: none. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Default: text/plain for a string, application/octet-stream for bytes, application/json for anything else. */
  readonly contentType?: string;
  /** Default: nothing. */
  readonly body?: unknown;
}

/** Answers one method: what it gives goes as JSON, a `Uint8Array` as bytes. */
export type GuestHandler = (request: never, context: GuestContext) => unknown;

/** What a mechtron does. */
export interface MechtronDefinition {
  /** Handlers by service and method. Default: none. */
  readonly services?: Readonly<Record<string, Readonly<Record<string, GuestHandler>>>>;
  /** Answers HTTP. Default: 404. */
  readonly http?: (request: HttpRequest, context: GuestContext) => HttpReply | Promise<HttpReply>;
  /** Gets what it watches. Default: changes are passed over. */
  readonly changed?: (change: GuestChange, context: GuestContext) => void | Promise<void>;
  /** Gets what is sent to broadcasts that it watches. Default: messages are passed over. */
  readonly said?: (message: GuestBroadcast, context: GuestContext) => void | Promise<void>;
}

/**
 * Defines a mechtron: the default export of its script.
 * @example
 * export default defineMechtron({
 *   services: { weather: { today: ({ place }: { place: string }) => ({ celsius: place === "Oslo" ? -3 : 21 }) } },
 * });
 */
export function defineMechtron(definition: MechtronDefinition): ScriptMechtron {
  return {
    abi: GUEST_ABI,
    async handle(headText, body, host) {
      const head: ScriptRequestHead = JSON.parse(headText);
      try {
        return await answer(definition, head, body, host);
      } catch (thrown) {
        if (!(thrown instanceof GuestError)) host.log(3, textOf(thrown));
        return reply({ failure: failureOfThrown(thrown) }, "");
      }
    },
  };
}

async function answer(
  definition: MechtronDefinition,
  head: ScriptRequestHead,
  body: ScriptBody,
  host: ScriptHost,
): Promise<ScriptAnswer> {
  const context = openContext(head, host);
  const { service = "", method = "" } = head;
  if (service === "") return httpReply(await definition.http?.(httpRequest(head, body), context));
  if (service === WATCH_SERVICE && definition.services?.[service] === undefined) {
    const told = valueIn(head.contentType, body);
    if (method === "said") await definition.said?.(told as GuestBroadcast, context);
    else await definition.changed?.(told as GuestChange, context);
    return reply({}, "");
  }
  const handlers = definition.services?.[service];
  const handler = handlers !== undefined && Object.hasOwn(handlers, method) ? handlers[method] : undefined;
  if (handler === undefined) {
    throw new GuestError("unimplemented", `Cannot answer "${service}.${method}": the mechtron has no such method`);
  }
  const value = await (handler as (request: unknown, context: GuestContext) => unknown)(
    valueIn(head.contentType, body),
    context,
  );
  if (value instanceof Uint8Array) return reply({ contentType: BYTES }, bufferOf(value));
  return reply({ contentType: JSON_TYPE }, value === undefined ? "" : JSON.stringify(value));
}

const BYTES = "application/octet-stream";
const JSON_TYPE = "application/json";

function httpRequest(head: ScriptRequestHead, body: ScriptBody): HttpRequest {
  const { method = "", path = "", headers = [], contentType = "" } = head;
  const mark = path.indexOf("?");
  return {
    method,
    path: mark < 0 ? path : path.slice(0, mark),
    query: mark < 0 ? "" : path.slice(mark + 1),
    headers,
    contentType,
    body: typeof body === "string" ? body : new Uint8Array(body),
  };
}

function httpReply(said: HttpReply | undefined): ScriptAnswer {
  if (said === undefined) return reply({ status: 404, contentType: "text/plain" }, "not found\n");
  const { status = 200, headers = [], body = "" } = said;
  if (body instanceof Uint8Array)
    return reply({ status, headers, contentType: said.contentType ?? BYTES }, bufferOf(body));
  if (typeof body === "string") {
    return reply({ status, headers, contentType: said.contentType ?? "text/plain; charset=utf-8" }, body);
  }
  return reply({ status, headers, contentType: said.contentType ?? JSON_TYPE }, JSON.stringify(body));
}

function valueIn(contentType: string | undefined, body: ScriptBody): unknown {
  if (typeof body !== "string") return new Uint8Array(body);
  if (contentType !== JSON_TYPE) return body;
  return body === "" ? undefined : JSON.parse(body);
}

function reply(head: ScriptReplyHead, body: ScriptBody): ScriptAnswer {
  return { head: JSON.stringify(head), body };
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}

function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return `${thrown.name}: ${thrown.message}\n${thrown.stack ?? ""}`.trimEnd();
}
