import { Phase } from "../order/event-key.ts";
import type { TraceKind, TraceRecord, TraceWhat } from "../trace/trace.ts";

const KINDS: ReadonlySet<string> = new Set<TraceKind>([
  "delivery",
  "timer",
  "fault",
  "test",
  "control",
  "lost",
  "point",
  "log",
  "life",
  "flow",
  "span",
]);

const NUMBERS = ["tick", "round", "phase", "part", "size", "sent"] as const;
const TEXTS = ["id", "node", "from", "text", "flow", "cause", "hash"] as const;
const WHATS = [
  "step",
  "message",
  "to",
  "component",
  "method",
  "mode",
  "instance",
  "parent",
  "outcome",
  "name",
] as const satisfies readonly (keyof TraceWhat)[];

/** Gives a record with its keys in the order of a file. */
export function orderRecord(record: TraceRecord): TraceRecord {
  const { tick, round, phase, id, part, kind, node, from, text, flow, size, sent, cause, hash, what } = record;
  const ordered = { tick, round, phase, id, part, kind, node, from, text, flow, size, sent, cause, hash };
  return what === undefined ? ordered : { ...ordered, what: orderWhat(what) };
}

function orderWhat(what: TraceWhat): TraceWhat {
  const given = WHATS.filter((key) => what[key] !== undefined).map((key) => [key, what[key]]);
  return Object.fromEntries(given) as unknown as TraceWhat;
}

/** Takes a record out of what was read; gives what is wrong with it where it is none. */
export function readRecord(value: object): TraceRecord | string {
  const found = value as Readonly<Record<string, unknown>>;
  const odd =
    NUMBERS.find((key) => !Number.isSafeInteger(found[key]) || (found[key] as number) < 0) ??
    TEXTS.find((key) => typeof found[key] !== "string");
  if (odd !== undefined) return `"${odd}" is ${JSON.stringify(found[odd])}`;
  if (!KINDS.has(found["kind"] as string)) return `"kind" is ${JSON.stringify(found["kind"])}`;
  if ((found["phase"] as number) > Phase.test) return `"phase" is ${found["phase"]}`;
  const { what } = found;
  if (what !== undefined && !isWhat(what)) return `"what" is ${JSON.stringify(what)}`;
  return orderRecord(found as unknown as TraceRecord);
}

function isWhat(value: unknown): value is TraceWhat {
  if (typeof value !== "object" || value === null) return false;
  const found = value as Readonly<Record<string, unknown>>;
  return typeof found["step"] === "string" && WHATS.every((key) => ["string", "undefined"].includes(typeof found[key]));
}
