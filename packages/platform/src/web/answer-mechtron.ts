import { type Clock, isOrreryError, type Log, type OrreryError } from "@orrery/core";
import { GUEST_HEADERS_MAX, type GuestHeader, type GuestReply, guestRequest } from "@orrery/guest/abi";
import type { Route, Target } from "../bind/bind.ts";
import { withoutLogin } from "../login/cookies.ts";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";
import { statusOfCode, told } from "./answer-service.ts";
import type { HeldBodies } from "./held-bodies.ts";
import type { SpaceApps } from "./space-apps.ts";

/** Who sent a request that says nothing of it. */
const VISITOR = "anonymous";

/** Header fields that belong to one connection, or to the server: a mechtron neither sees nor sets them. */
const NOT_FOR_MECHTRONS: ReadonlySet<string> = new Set(
  "connection content-length content-encoding date keep-alive proxy-connection te trailer transfer-encoding upgrade".split(
    " ",
  ),
);

/** What mechtrons answer with. */
interface MechtronAnswering {
  readonly apps: SpaceApps | undefined;
  readonly bodies: HeldBodies;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers a request by a mechtron, which is handed it as it is; one that takes too long is answered 504. */
export async function answerMechtron(
  request: WebRequest,
  {
    target,
    route,
    agent,
  }: { readonly target: Extract<Target, { kind: "mechtron" }>; readonly route: Route; readonly agent: string },
  { apps, bodies, clock, log }: MechtronAnswering,
): Promise<Answer> {
  const { address } = target;
  using held = await bodies.read(request.body, route.bodyBytesMax);
  if (apps === undefined) return told(502, "unavailable", `Cannot ask "${address}": no mechtrons run here`);
  const message = guestRequest({
    method: request.method,
    path: `${request.path}${request.query}`,
    headers: headersIn(request),
    contentType: headerOf(request, "content-type") ?? "",
    body: held.bytes,
  });
  const late = Promise.withResolvers<Answer>();
  const timer = clock.timer(route.timeoutMs, () => {
    log.warn("a mechtron took too long", {
      mechtron: address,
      timeoutMs: route.timeoutMs,
      by: route.timeoutBy ?? "default",
    });
    late.resolve(told(504, "deadline_exceeded", `Cannot wait any longer for "${address}": ${timeOf(route)}`));
  });
  const asked = apps.ask(address, message, { agent: agent === "" ? VISITOR : agent, timeoutMs: route.timeoutMs });
  try {
    const answer = asked.then(answerOf, (error: unknown) => answerOfError(error, { address, route, log }));
    return await Promise.race([answer, late.promise]);
  } finally {
    timer.cancel();
  }
}

/** Which line bounds the time. */
function timeOf({ timeoutMs, timeoutBy }: Route): string {
  return `its time is ${timeoutMs} ms, ${timeoutBy === undefined ? "as no timeout is set" : `the timeout at ${timeoutBy}`}`;
}

function headersIn({ headers }: WebRequest): GuestHeader[] {
  const pairs = Object.entries(headers).flatMap(([name, value]): GuestHeader[] => {
    if (value === undefined || NOT_FOR_MECHTRONS.has(name)) return [];
    if (name === "cookie") return cookieOf(value);
    return typeof value === "string" ? [[name, value]] : value.map((one): GuestHeader => [name, one]);
  });
  return pairs.slice(0, GUEST_HEADERS_MAX);
}

/** What is said of logins is for the server alone. */
function cookieOf(value: string | readonly string[]): GuestHeader[] {
  const left = withoutLogin(String(value));
  return left === undefined ? [] : [["cookie", left]];
}

function answerOf({ failure, status, headers, contentType, body }: GuestReply): Answer {
  if (failure !== undefined) {
    const code = failure.code as OrreryError["code"];
    if (failure.reason !== "") return told(502, code, failure.message, failure.reason);
    const said = statusOfCode(code);
    return said < 500 ? told(said, code, failure.message) : told(said, code, "Cannot answer: the mechtron failed");
  }
  const isStatus = Number.isInteger(status) && status >= 200 && status <= 599;
  if (status !== 0 && !isStatus) return told(502, "internal", `Cannot answer: the mechtron replied status ${status}`);
  const fields = headers.filter(([name, value]) => isField(name, value));
  const isTyped = contentType === "" || !isField("content-type", contentType);
  return {
    status: status === 0 ? 200 : status,
    headers: isTyped ? fields : [["content-type", contentType], ...fields],
    body,
  };
}

/** Whether a field may stand in an answer: what cannot be sent is left out. */
function isField(name: string, value: string): boolean {
  const lower = name.toLowerCase();
  return (
    /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/.test(lower) &&
    !NOT_FOR_MECHTRONS.has(lower) &&
    /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
  );
}

function answerOfError(
  error: unknown,
  { address, route, log }: { readonly address: string; readonly route: Route; readonly log: Log },
): Answer {
  if (!isOrreryError(error)) throw error;
  const { code, message, details } = error;
  log.error("a mechtron failed", { mechtron: address, code, error: message });
  if (code === "deadline_exceeded") {
    const why = details["limit"] === "cpuMs" ? "it took too much of the processor" : timeOf(route);
    return told(504, code, `Cannot wait any longer for "${address}": ${why}`);
  }
  if (error.reason === "overloaded" || error.reason === "draining" || code === "unavailable")
    return told(503, code, `Cannot ask "${address}" now: try again`);
  if (error.reason === "too_large") return told(413, code, message);
  return told(502, code, `Cannot ask "${address}": it failed`);
}
