import type { TraceRecord, TraceWhat } from "../trace/trace.ts";
import { causesOf, eventsById } from "./causes.ts";
import { describeRecord, formatTick, type Recording } from "./recording.ts";

/** One of two traces at the place where they part. */
export interface DiffSide {
  /** Its line there; undefined where it has ended. */
  readonly record: TraceRecord | undefined;
  /** What led to that line, the latest first. */
  readonly causes: readonly TraceRecord[];
}

/** Where two traces part. */
export interface TraceDiff {
  /** Lines that are the same before. */
  readonly index: number;
  /** Fields in which the two lines differ; empty where one trace has ended. */
  readonly fields: readonly string[];
  readonly a: DiffSide;
  readonly b: DiffSide;
  /** All this, to read. */
  readonly text: string;
}

/**
 * Finds the first line in which two runs differ, and what led to it in both; undefined where they are the same. What a line carries counts
 * by its hash, so bodies that differ are found although they are not in the trace.
 */
export function diffTraces(a: Recording, b: Recording): TraceDiff | undefined {
  const length = Math.max(a.records.length, b.records.length);
  for (let index = 0; index < length; index++) {
    const [one, other] = [a.records[index], b.records[index]];
    const fields = one === undefined || other === undefined ? [] : fieldsThatDiffer(one, other);
    if (one !== undefined && other !== undefined && fields.length === 0) continue;
    const found = { index, fields, a: sideOf(one, a), b: sideOf(other, b) };
    return { ...found, text: writeDiff(found, a) };
  }
  return undefined;
}

function sideOf(record: TraceRecord | undefined, { records }: Recording): DiffSide {
  return { record, causes: record === undefined ? [] : causesOf(record, eventsById(records)) };
}

const FIELDS = [
  "tick",
  "round",
  "phase",
  "id",
  "part",
  "kind",
  "node",
  "from",
  "text",
  "flow",
  "size",
  "sent",
  "cause",
  "hash",
] as const satisfies readonly (keyof TraceRecord)[];

function fieldsThatDiffer(a: TraceRecord, b: TraceRecord): readonly string[] {
  const fields: string[] = FIELDS.filter((field) => a[field] !== b[field]);
  const [one, other]: readonly Partial<TraceWhat>[] = [a.what ?? {}, b.what ?? {}];
  const keys = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})]) as Set<keyof TraceWhat>;
  for (const key of keys) if (one?.[key] !== other?.[key]) fields.push(key);
  return fields;
}

/** Causes that a text tells of one side; those further back are counted. */
const CAUSES_TOLD = 20;

function writeDiff({ index, fields, a, b }: Omit<TraceDiff, "text">, { records }: Recording): string {
  const before = records[index - 1];
  const since = before === undefined ? "" : `, up to ${formatTick(before.tick)} ms`;
  const same =
    index === 0 ? "The two runs differ from the first line" : `The two runs are the same for ${index} lines${since}`;
  return [`${same}; then ${howTheyDiffer(fields, a, b)}.`, "", ...tellSide("a", a), "", ...tellSide("b", b), ""].join(
    "\n",
  );
}

function howTheyDiffer(fields: readonly string[], a: DiffSide, b: DiffSide): string {
  if (a.record === undefined) return "a ends and b goes on";
  if (b.record === undefined) return "b ends and a goes on";
  const visible = fields.filter((field) => field !== "hash");
  return visible.length === 0 ? "what the message carries differs" : `they differ in ${visible.join(", ")}`;
}

function tellSide(name: string, { record, causes }: DiffSide): readonly string[] {
  if (record === undefined) return [`${name}  (no more lines)`];
  const told = causes.slice(0, CAUSES_TOLD).map((cause) => `   because of  ${tellRecord(cause)}`);
  const left = causes.length - told.length;
  return [`${name}  ${tellRecord(record)}`, ...told, ...(left > 0 ? [`   … and ${left} before`] : [])];
}

function tellRecord(record: TraceRecord): string {
  return `${formatTick(record.tick)} ms  ${describeRecord(record)}  (${record.id})`;
}
