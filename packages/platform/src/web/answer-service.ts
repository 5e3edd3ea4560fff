import { type Clock, type Code, isOrreryError, type Log, OrreryError } from "@orrery/core";
import type { JsonCaller, JsonMethod, JsonPieces } from "@orrery/http";
import type { Route } from "../bind/bind.ts";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";
import type { HeldBodies } from "./held-bodies.ts";
import { STREAM_AHEAD } from "./limits.ts";

/** How an error of a call is told in HTTP; what is missing here is the service's own fault, 502. */
const STATUSES: Partial<Readonly<Record<Code, number>>> = {
  invalid_argument: 400,
  failed_precondition: 400,
  out_of_range: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  aborted: 409,
  resource_exhausted: 429,
  unimplemented: 502,
  unavailable: 503,
  deadline_exceeded: 504,
};

/** The status by which an error is told. */
export function statusOfCode(code: Code): number {
  return STATUSES[code] ?? 502;
}

/** What services answer with. */
interface ServiceAnswering {
  readonly caller: JsonCaller | undefined;
  readonly bodies: HeldBodies;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Answers a request by a call of a service: the body is the request's message, the reply's is the answer. A method whose mode is stream answers
 * in pieces, as fast as the visitor takes them.
 */
export async function answerService(
  request: WebRequest,
  { target, route, agent }: { readonly target: JsonMethod; readonly route: Route; readonly agent: string },
  { caller, bodies, clock, log }: ServiceAnswering,
): Promise<Answer> {
  const name = `${target.component}/${target.method}`;
  const type = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  using held = await bodies.read(request.body, route.bodyBytesMax);
  const { bytes } = held;
  if (bytes.length > 0 && type !== "application/json")
    return told(415, "invalid_argument", `Cannot call "${name}" with a body of "${type ?? ""}": send application/json`);
  if (caller === undefined) {
    log.error("a service could not be called", { service: name, error: "this web server has no node" });
    return told(502, "unavailable", `Cannot call "${name}": it cannot be reached from here`);
  }
  const message = bytes.length === 0 ? new TextEncoder().encode("{}") : bytes;
  const options = { signal: request.signal, agent: agent === "" ? "anonymous" : agent };
  try {
    const stream = caller.stream?.(target, message, { ...options, credit: STREAM_AHEAD });
    if (stream !== undefined) return await answerStream(stream, route, clock);
    const body = await caller.call(target, message, { ...options, timeoutMs: route.timeoutMs });
    return { status: 200, headers: JSON_FIELDS, body };
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    const status = error.reason === "too_large" ? 413 : statusOfCode(error.code);
    if (status < 500) return told(status, error.code, error.message);
    log.error("a service failed", { service: name, code: error.code, error: error.message });
    return told(status, error.code, `Cannot call "${name}": it ${status === 504 ? "took too long" : "failed"}`);
  }
}

/** The first piece decides whether there is an answer; what fails later cuts the connection. */
async function answerStream({ contentType, pieces }: JsonPieces, { timeoutMs }: Route, clock: Clock): Promise<Answer> {
  const items = pieces[Symbol.asyncIterator]();
  const late = Promise.withResolvers<never>();
  const timer = clock.timer(timeoutMs, () =>
    late.reject(new OrreryError("deadline_exceeded", "Cannot wait any longer for the first piece")),
  );
  try {
    const first = await Promise.race([items.next(), late.promise]);
    const headers = JSON_FIELDS.map(
      ([field, value]) => [field, field === "content-type" ? contentType : value] as const,
    );
    return { status: 200, headers, body: rejoined(first, items), pieceTimeoutMs: timeoutMs };
  } catch (error) {
    void Promise.resolve(items.return?.()).catch(() => undefined);
    throw error;
  } finally {
    timer.cancel();
  }
}

async function* rejoined(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let step = first; step.done !== true; step = await rest.next()) yield step.value;
  } finally {
    await rest.return?.();
  }
}

const JSON_FIELDS: Answer["headers"] = [
  ["content-type", "application/json"],
  ["x-content-type-options", "nosniff"],
  ["cache-control", "no-store"],
];

/** An error, as the body of an answer. */
export function told(status: number, code: Code, message: string, reason?: string): Answer {
  const body = new TextEncoder().encode(JSON.stringify({ code, message, reason }));
  return { status, headers: JSON_FIELDS, body };
}
