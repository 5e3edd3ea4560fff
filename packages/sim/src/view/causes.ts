import type { TraceRecord } from "../trace/trace.ts";

/** The event by each id; its own line, not what was noted within it. */
export function eventsById(records: readonly TraceRecord[]): ReadonlyMap<string, TraceRecord> {
  const events = new Map<string, TraceRecord>();
  for (const record of records) if (record.part === 0) events.set(record.id, record);
  return events;
}

/** What led to a line: its own event where it was noted within one, then what caused that, and so on to the first; the latest first. */
export function causesOf(record: TraceRecord, events: ReadonlyMap<string, TraceRecord>): readonly TraceRecord[] {
  const causes: TraceRecord[] = [];
  let next = events.get(record.part === 0 ? record.cause : record.id);
  while (next !== undefined && !(next.id === record.id && record.part === 0) && causes.length < events.size) {
    causes.push(next);
    next = events.get(next.cause);
  }
  return causes;
}
