import { cors } from "@connectrpc/connect";
import { OrreryError } from "@orrery/core";
import { PREFLIGHT_AGE_S } from "./limits.ts";
import { HttpRefusal } from "./refusal.ts";
import type { DoorReply } from "./reply.ts";
import type { DoorRequest } from "./request.ts";

/** Pages of other sites that may call. */
export interface CorsOptions {
  /** Their origins, compared as a whole: `https://app.example`, with the port where it is not the scheme's own. */
  readonly origins: readonly string[];
}

/** What the door tells browsers about pages of other sites. */
export interface Cors {
  /** Answers a preflight, all but what `headers` gives to every answer. @throws HttpRefusal 403 for an origin that is not listed. */
  preflight(request: DoorRequest): DoorReply;
  /** Header fields of an answer to a page. */
  headers(request: DoorRequest): Readonly<Record<string, string>>;
  /** Whether a request comes from a page that is listed. */
  allows(request: DoorRequest): boolean;
}

/** Header fields by which clients of services call from a page of another site. */
export const CALL_HEADERS: string = [
  ...cors.allowedHeaders,
  "Authorization",
  "Idempotency-Key",
  "Traceparent",
  "Tracestate",
].join(", ");
/** Header fields of answers that they read. */
export const ANSWER_HEADERS: string = [...cors.exposedHeaders, "Traceparent"].join(", ");

/** Makes the door's answers to pages of other sites. @throws OrreryError `invalid_argument` for what is no origin. */
export function createCors(options: CorsOptions = { origins: [] }): Cors {
  const origins = new Set(options.origins);
  for (const origin of origins) assertOrigin(origin);
  const allows = (request: DoorRequest) => origins.has(request.headers.get("origin") ?? "");
  const allow = (request: DoorRequest): Readonly<Record<string, string>> => {
    if (origins.size === 0) return {};
    const origin = request.headers.get("origin");
    return allows(request) ? { vary: "origin", "access-control-allow-origin": origin ?? "" } : { vary: "origin" };
  };
  return {
    allows,
    headers: (request) =>
      allows(request) ? { ...allow(request), "access-control-expose-headers": ANSWER_HEADERS } : allow(request),
    preflight(request) {
      if (!allows(request)) throw refused(request, origins.size);
      const headers = new Headers({
        "access-control-allow-methods": cors.allowedMethods.join(", "),
        "access-control-allow-headers": CALL_HEADERS,
        "access-control-max-age": String(PREFLIGHT_AGE_S),
      });
      return { status: 204, headers };
    },
  };
}

/** Tells whether a request is a browser's question before a call from another site. */
export function isPreflight({ method, headers }: DoorRequest): boolean {
  return method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method");
}

function refused(request: DoorRequest, listed: number): HttpRefusal {
  const origin = request.headers.get("origin") ?? "";
  const why = listed === 0 ? "this door takes calls from no other site" : "it is not among the origins of this door";
  return new HttpRefusal(403, new OrreryError("permission_denied", `Cannot allow origin "${origin}": ${why}`));
}

function assertOrigin(origin: string): void {
  if (URL.parse(origin)?.origin === origin) return;
  const text = `Cannot allow origin "${origin}": write scheme, host and port alone, such as https://app.example`;
  throw new OrreryError("invalid_argument", text);
}
