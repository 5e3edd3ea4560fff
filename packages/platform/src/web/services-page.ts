import { contractOf } from "@orrery/core/internal";
import type { OpenApiCall } from "@orrery/http";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";
import { escaped } from "./page.ts";

/** What a space lets everybody call. */
export interface ServicesPage {
  readonly space: string;
  readonly calls: readonly OpenApiCall[];
}

/** Answers what may be called in a space, and how: a page to browsers, JSON to all others. */
export function servicesPage(request: WebRequest, { space, calls }: ServicesPage): Answer {
  const listed = calls.map(({ service, method: name, path, verbs = ["post"] }) => {
    const { name: component, methods } = contractOf(service);
    const found = [...methods.values()].find((one) => one.name === name || one.localName === name);
    return { service: component, method: name, mode: found?.mode, summary: found?.summary ?? "", path, verbs };
  });
  const schemas = { openapi: "/-/openapi.json", descriptors: "/-/descriptors.binpb" };
  const isPage = /\btext\/html\b/.test(headerOf(request, "accept") ?? "");
  const text = isPage
    ? pageOf({ request, space, calls: listed })
    : JSON.stringify({ space, ...schemas, calls: listed });
  return {
    status: 200,
    headers: [
      ["content-type", isPage ? "text/html; charset=utf-8" : "application/json"],
      ["cache-control", "no-cache"],
      ["vary", "accept"],
      ["x-content-type-options", "nosniff"],
      ["content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"],
    ],
    body: new TextEncoder().encode(text),
  };
}

interface ListedCall {
  readonly service: string;
  readonly method: string;
  readonly mode: string | undefined;
  readonly summary: string;
  readonly path: string;
  readonly verbs: readonly string[];
}

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}" +
  "td,th{padding:.2rem 1rem .2rem 0;text-align:left;vertical-align:top}code,pre{font-size:.95em}" +
  "pre{background:#f3f3f3;padding:.6rem;overflow:auto}";

function pageOf({
  request,
  space,
  calls,
}: {
  readonly request: WebRequest;
  readonly space: string;
  readonly calls: readonly ListedCall[];
}): string {
  const names = [...new Set(calls.map(({ service }) => service))];
  const tables = names.map((name) => {
    const rows = calls
      .filter(({ service }) => service === name)
      .map(
        ({ path, verbs, mode = "", summary }) =>
          `<tr><td>${escaped(verbs.join(", ").toUpperCase())}</td><td><code>${escaped(path)}</code></td><td>${escaped(mode)}</td><td>${escaped(summary)}</td></tr>`,
      );
    return `<h2>${escaped(name)}</h2><table><tr><th></th><th>path</th><th>mode</th><th></th></tr>${rows.join("")}</table>`;
  });
  const [first] = calls;
  const example =
    first === undefined
      ? "<p>There is nothing here that everybody may call.</p>"
      : `<p>For example:</p><pre>curl --json '{}' http://${escaped(request.host)}${escaped(first.path)}</pre>`;
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Services of ${escaped(space)}</title><style>${STYLE}</style></head>
<body><h1>Services of ${escaped(space)}</h1>${example}${tables.join("\n")}
<p>Schemas: <a href="/-/openapi.json">OpenAPI</a>, <a href="/-/descriptors.binpb">descriptors of protobuf</a> for clients of Connect and gRPC-Web.</p></body></html>\n`;
}
