import type { DoorPage } from "@orrery/http";
import { escaped } from "../web/page.ts";
import type { AlertKind, Alerts, Incident } from "./alerts.ts";

/** Where everybody sees how a platform is, at the HTTP port. */
export const STATUS_PATH = "/status";

/** What is told of which incidents. Those of apps are their owners' business, and those of backups and records the operators'. */
const PARTS: readonly { readonly name: string; readonly kinds: readonly AlertKind[] }[] = [
  { name: "Spaces and their services", kinds: ["e2e"] },
  { name: "Storage", kinds: ["disk"] },
  { name: "Mail", kinds: ["mail"] },
  { name: "Payments", kinds: ["payment"] },
];

/** Makes the page: each part, whether it is well, and what was wrong of late. Nothing of any tenant is on it, and no text of an error. */
export function createStatusPage({
  alerts,
  now,
}: {
  readonly alerts: Pick<Alerts, "incidents">;
  readonly now: () => number;
}): DoorPage {
  return async ({ method, headers }) => {
    if (method !== "GET" && method !== "HEAD")
      return { status: 405, body: { code: "unimplemented", message: "Cannot change the status: use GET" } };
    const known = (await alerts.incidents()).filter(({ kind }) => partOf(kind) !== undefined);
    const parts = PARTS.map(({ name, kinds }) => {
      return { name, ok: !known.some(({ kind, until }) => until === undefined && kinds.includes(kind)) };
    });
    const incidents = known.map(({ kind, since, until }) => {
      return { part: partOf(kind) ?? "", since: iso(since), until: until === undefined ? null : iso(until) };
    });
    const body = { ok: parts.every(({ ok }) => ok), parts, incidents };
    if (!/\btext\/html\b/.test(headers.get("accept") ?? "")) return { status: 200, body };
    return { status: 200, body, html: pageOf(body, iso(now())) };
  };
}

function partOf(kind: Incident["kind"]): string | undefined {
  return PARTS.find(({ kinds }) => kinds.includes(kind))?.name;
}

interface Shown {
  readonly ok: boolean;
  readonly parts: readonly { readonly name: string; readonly ok: boolean }[];
  readonly incidents: readonly { readonly part: string; readonly since: string; readonly until: string | null }[];
}

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:40rem;padding:0 1rem;color:#1c2430}" +
  "h1{font-size:1.5rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.5rem .25rem;border-bottom:1px solid #d9dee5}" +
  ".ok{color:#1b6e3c}.bad{color:#a4262c;font-weight:600}small{color:#5a6472}";

function pageOf({ ok, parts, incidents }: Shown, at: string): string {
  const title = ok ? "All is well" : "Something is wrong";
  const state = (isOk: boolean) => `<td class="${isOk ? "ok" : "bad"}">${isOk ? "well" : "disturbed"}</td>`;
  const rows = parts.map((one) => `<tr><td>${escaped(one.name)}</td>${state(one.ok)}</tr>`).join("");
  const past = incidents
    .map(
      ({ part, since, until }) =>
        `<tr><td>${escaped(part)}</td><td>${shortTime(since)}</td><td>${until === null ? "still" : shortTime(until)}</td></tr>`,
    )
    .join("");
  const table = `<h2>Incidents</h2><table><tr><th>What</th><th>Since</th><th>Until</th></tr>${past}</table>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head>
<body><h1>${title}</h1><table>${rows}</table>${incidents.length === 0 ? "" : table}<p><small>As of ${shortTime(at)} UTC</small></p></body></html>
`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function shortTime(text: string): string {
  return text.replace("T", " ").slice(0, 16);
}
