import type { ResourceMessage } from "@orrery/registry/service";
import type { Mood } from "../fitted-table.ts";
import { formatBytes } from "../operate/format.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";

/** A resource as JSON tells it: numbers are numbers, and what is empty is left out. */
export function resourceJson(resource: ResourceMessage): object {
  const { address, kind, properties, fixed, labels, owner, state, finalizers, lock, created, revision } = resource;
  return {
    address,
    kind,
    properties: properties ?? {},
    owner,
    status: statusJson(resource),
    created: Number(created),
    revision: Number(revision),
    ...(fixed.length > 0 && { fixed }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(state).length > 0 && {
      state: Object.fromEntries(
        Object.entries(state).map(([aspect, { digest, bytes }]) => [aspect, { digest, bytes: Number(bytes) }]),
      ),
    }),
    ...(finalizers.length > 0 && { finalizers }),
    ...(lock && { lock: { holder: lock.holder, fence: Number(lock.fence), until: Number(lock.untilMs) } }),
  };
}

/** How a resource is, as JSON tells it. */
export function statusJson({ status }: ResourceMessage): { readonly state: string } {
  return {
    state: status?.state ?? "",
    ...(status?.reason && { reason: status.reason }),
    ...(status?.details && { details: status.details }),
  };
}

/** How a resource is, in its colour, with the reason. */
export function statusText(resource: ResourceMessage, terminal: Terminal): string {
  const { state = "", reason = "" } = resource.status ?? {};
  return `${colour(terminal, moodOf(resource), state)}${reason === "" ? "" : `: ${reason}`}`;
}

/** The colour of how a resource is. */
export function moodOf({ status }: ResourceMessage): Mood {
  const state = status?.state ?? "";
  if (state === "Ready") return "good";
  return state === "Panic" || state === "Unreachable" ? "bad" : "busy";
}

/** A resource for people: its address and kind, then a line for each thing that is known of it, and how many watch it. */
export function resourceText(resource: ResourceMessage, terminal: Terminal, watchers: number): string {
  const { address, kind, properties = {}, fixed, labels, owner, state, lock, created, revision } = resource;
  const waits = removalWaits(resource);
  const rows: string[][] = [
    ["status", statusText(resource, terminal)],
    ["owner", owner],
    ["revision", `${revision}, created at ${created}`],
    ...Object.entries(state).map(([aspect, { digest, bytes }]) => [aspect, `${formatBytes(Number(bytes))}, ${digest}`]),
    ...(lock
      ? [["lock", `${lock.holder} until ${new Date(Number(lock.untilMs)).toISOString()}, fence ${lock.fence}`]]
      : []),
    ...(waits.length > 0 ? [["waits for", waits.join(", ")]] : []),
    ...(watchers > 0 ? [["watchers", String(watchers)]] : []),
    ...Object.entries(labels).map(([name, value]) => ["label", `${name}=${value}`]),
    ...Object.entries(properties)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [`+${name}`, `${JSON.stringify(value)}${fixed.includes(name) ? "  (fixed)" : ""}`]),
  ];
  return `${address}<${kind}>\n${table(rows, 2).join("\n")}\n`;
}

/** Who must do something before a resource that is to go is gone; nobody where it stays. */
export function removalWaits({ status, finalizers }: ResourceMessage): readonly string[] {
  return status?.state === "Destroying" ? finalizers : [];
}

/** A value alone: text as it is, all else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
