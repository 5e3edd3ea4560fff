import type { ProcessRecord } from "./process-control.ts";

/** A process or thread for people: what it is, and its number where that is known. */
export function nameOf({ pid, isThread = false }: ProcessRecord = NOBODY): string {
  return isThread ? `thread${pid === 0 ? "" : ` ${pid}`}` : `process ${pid}`;
}

const NOBODY: ProcessRecord = { child: "", token: "", pid: 0, started: "", program: null, address: "" };
