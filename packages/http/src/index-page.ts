import type { Exposure } from "./exposure.ts";
import { type DoorReply, jsonReply } from "./reply.ts";
import type { DoorRequest } from "./request.ts";

/** Answers what the door exposes: a page to browsers, JSON to all others. */
export function answerIndex(request: DoorRequest, exposure: Exposure, node: string): DoorReply {
  const listing = listingOf(exposure, node);
  if (!/\btext\/html\b/.test(request.headers.get("accept") ?? "")) return jsonReply(200, listing);
  const headers = new Headers({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  return { status: 200, headers, body: new TextEncoder().encode(pageOf(listing)) };
}

interface Listing {
  readonly node: string;
  readonly services: readonly { readonly name: string; readonly methods: readonly MethodListing[] }[];
}

interface MethodListing {
  readonly name: string;
  readonly mode: string;
  readonly path: string;
  readonly get: boolean;
  readonly summary: string;
}

function listingOf(exposure: Exposure, node: string): Listing {
  const services = exposure.contracts.map((contract) => ({
    name: contract.name,
    methods: exposure.methods
      .filter((exposed) => exposed.contract === contract)
      .map(({ method, path, get }) => {
        return { name: method.name, mode: method.mode, path, get: get !== "never", summary: method.summary };
      }),
  }));
  return { node, services };
}

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:52rem;padding:0 1rem}" +
  "td,th{padding:.2rem 1rem .2rem 0;text-align:left;vertical-align:top}code{font-size:.95em}";

function pageOf({ node, services }: Listing): string {
  const tables = services.map(({ name, methods }) => {
    const rows = methods.map(
      (method) =>
        `<tr><td><code>${escapeText(method.path)}</code></td><td>${escapeText(method.mode)}</td><td>${escapeText(method.summary)}</td></tr>`,
    );
    return `<h2>${escapeText(name)}</h2><table><tr><th>path</th><th>mode</th><th></th></tr>${rows.join("")}</table>`;
  });
  const body = tables.length === 0 ? "<p>No service is exposed.</p>" : tables.join("");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeText(node)}</title><style>${STYLE}</style><h1>${escapeText(node)}</h1>${body}</html>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
