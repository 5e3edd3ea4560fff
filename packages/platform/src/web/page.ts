import type { Code } from "@orrery/core";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";

/** What the server itself answers, in words. */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** A page of the server itself: what went wrong, and what would work. */
export function page(status: number, text: string, headers: Answer["headers"] = []): Answer {
  const title = `${status} ${TITLES[status] ?? ""}`.trim();
  const body = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>\n<body><h1>${title}</h1><p>${escaped(text)}</p></body></html>\n`;
  return {
    status,
    headers: [
      ["content-type", "text/html; charset=utf-8"],
      ["cache-control", "no-store"],
      ["x-content-type-options", "nosniff"],
      ...headers,
    ],
    body: new TextEncoder().encode(body),
    said: text,
  };
}

/** What programs are told by statuses of the server itself. */
const CODES: Readonly<Record<number, Code>> = {
  400: "invalid_argument",
  401: "unauthenticated",
  403: "permission_denied",
  404: "not_found",
  405: "unimplemented",
  413: "resource_exhausted",
  414: "invalid_argument",
  416: "out_of_range",
  429: "resource_exhausted",
  502: "unavailable",
  503: "unavailable",
  504: "deadline_exceeded",
};

/** A page of the server itself, as whoever asked reads it: browsers as a page, programs as JSON. */
export function asAsked(answer: Answer, request: Pick<WebRequest, "headers">): Answer {
  const { status, said } = answer;
  if (said === undefined || status < 400 || /\btext\/html\b/.test(headerOf(request, "accept") ?? "")) return answer;
  const body = new TextEncoder().encode(JSON.stringify({ code: CODES[status] ?? "internal", message: said }));
  const headers = answer.headers.map(([name, value]) =>
    name === "content-type" ? ([name, "application/json"] as const) : ([name, value] as const),
  );
  return { ...answer, headers, body };
}

/** Text as it may stand in a page. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
