import type { TraceRecord, TraceWhat } from "../../trace/trace.ts";
import { endTickOf, type Recording } from "../recording.ts";

/** Puts a run behind itself so many times, with ids of their own: a long run that is made at once. */
export function repeatRun(run: Recording, times: number): Recording {
  const length = endTickOf(run) + 1000;
  const copy = (record: TraceRecord, round: number): TraceRecord => {
    const { tick, sent, id, cause, flow, what } = record;
    const own = (text: string) => (text === "" || text.startsWith("#") ? text : `${round}.${text}`);
    const times = { tick: tick + round * length, sent: sent + round * length };
    const named = { id: own(id), cause: own(cause), flow: own(flow) };
    return { ...record, ...times, ...named, ...(what && { what: ownWhat(what, own) }) };
  };
  const rounds = Array.from({ length: times }, (_, round) => run.records.map((record) => copy(record, round)));
  return { ...run, hash: `${run.hash.slice(0, 8)}${String(times).padStart(8, "0")}`, records: rounds.flat() };
}

function ownWhat(what: TraceWhat, own: (text: string) => string): TraceWhat {
  const { message, parent } = what;
  return {
    ...what,
    ...(message !== undefined && { message: own(message) }),
    ...(parent !== undefined && { parent: own(parent) }),
  };
}
