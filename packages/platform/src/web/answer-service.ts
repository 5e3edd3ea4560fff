import { type Code, isOrreryError, type Log } from "@orrery/core";
import type { JsonCaller } from "@orrery/http";
import type { Route, Target } from "../bind/bind.ts";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";
import { bounded } from "./bounded-body.ts";

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

/** Answers a request by a call of a service: the body is the request's message, the reply's is the answer. */
export async function answerService(
  request: WebRequest,
  { target, route }: { readonly target: Extract<Target, { kind: "service" }>; readonly route: Route },
  { caller, log }: { readonly caller: JsonCaller | undefined; readonly log: Log },
): Promise<Answer> {
  const name = `${target.component}/${target.method}`;
  const type = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  const pieces: Uint8Array[] = [];
  for await (const piece of bounded(request.body, route.bodyBytesMax)) pieces.push(piece);
  const body = Buffer.concat(pieces);
  if (body.length > 0 && type !== "application/json")
    return told(415, "invalid_argument", `Cannot call "${name}" with a body of "${type ?? ""}": send application/json`);
  if (caller === undefined) {
    log.error("a service could not be called", { service: name, error: "this web server has no node" });
    return told(502, "unavailable", `Cannot call "${name}": it cannot be reached from here`);
  }
  try {
    const message = new Uint8Array(body.length === 0 ? Buffer.from("{}") : body);
    const reply = await caller.call(target, message, {
      timeoutMs: route.timeoutMs,
      signal: request.signal,
      agent: "anonymous",
    });
    return { status: 200, headers: JSON_FIELDS, body: reply };
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    const status = statusOfCode(error.code);
    if (status < 500) return told(status, error.code, error.message);
    log.error("a service failed", { service: name, code: error.code, error: error.message });
    return told(status, error.code, `Cannot call "${name}": it ${status === 504 ? "took too long" : "failed"}`);
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
