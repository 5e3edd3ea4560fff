import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { formatTime } from "./format.ts";
import { type Trace, traceLines } from "./timeline.ts";

/** Traces that are shown where nobody says how many. */
export const SHOWN = 10;

/** One trace for people: a head, and a line for each message. */
export function paragraph(trace: Trace, terminal: Terminal): string {
  const { id, flow, startMs, durationMs, nodes } = trace;
  const at = new Date(startMs).toISOString().slice(11, 23);
  const head = `${id}  ${at}  ${formatTime(durationMs)}  flow ${flow}  ${nodes.join(" ")}`;
  const rows = traceLines(trace).map((row) =>
    row.map((cell, column) => (column === 6 ? colour(terminal, "bad", cell) : cell)),
  );
  return [head, ...table([["", "BEGAN", "TOOK", "HANDLED", "MESSAGE", "FROM -> TO", ""], ...rows], 2)].join("\n");
}
