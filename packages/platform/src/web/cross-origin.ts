import { ANSWER_HEADERS, CALL_HEADERS } from "@orrery/http";
import type { CorsRule } from "../bind/bind.ts";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";

/** The method that a page of another site asks to call; undefined for a request that is no such question. */
export function preflightOf(request: WebRequest): string | undefined {
  if (request.method !== "OPTIONS" || headerOf(request, "origin") === undefined) return undefined;
  return headerOf(request, "access-control-request-method")?.toUpperCase();
}

/** Answers whether a page of another site may call: with what it may send, or with nothing, which browsers take for no. */
export function answerPreflight(request: WebRequest, rule: CorsRule, methods: readonly string[]): Answer {
  const allowed = allowedOrigin(request, rule);
  if (allowed === undefined) return { status: 403, headers: [VARY, ["cache-control", "no-store"]], endsUpload: true };
  return {
    status: 204,
    headers: [
      ...originFields(rule, allowed),
      ["access-control-allow-methods", methods.join(", ")],
      ["access-control-allow-headers", [CALL_HEADERS, ...rule.headers].join(", ")],
      ["access-control-max-age", String(Math.floor(rule.maxAgeMs / 1_000))],
    ],
  };
}

/** Header fields by which a browser lets the page that asked read an answer. */
export function crossOriginFields(request: WebRequest, rule: CorsRule): Answer["headers"] {
  const allowed = allowedOrigin(request, rule);
  if (allowed === undefined) return rule.origins.includes("*") ? [] : [VARY];
  return [
    ...originFields(rule, allowed),
    ["access-control-expose-headers", [ANSWER_HEADERS, ...rule.exposed].join(", ")],
  ];
}

const VARY = ["vary", "origin"] as const;

/** What an answer says of the origin: that of the request, or that all may. */
function allowedOrigin(request: WebRequest, { origins }: CorsRule): string | undefined {
  const origin = headerOf(request, "origin");
  if (origin === undefined) return undefined;
  if (origins.includes("*")) return "*";
  return origins.includes(origin) ? origin : undefined;
}

function originFields({ credentials }: CorsRule, origin: string): Answer["headers"] {
  return [
    ["access-control-allow-origin", origin],
    ...(origin === "*" ? [] : [VARY]),
    ...(credentials ? ([["access-control-allow-credentials", "true"]] as const) : []),
  ];
}
