import { readdirSync, readFileSync } from "node:fs";

/**
 * Number of the process that a cage is for: bubblewrap waits outside, and has one that reaps within, whose first child it is. Looks among all
 * processes of the machine where nobody knows those of the cage. Undefined as long as it has not begun.
 */
export function bodyIn(keeper: number, among: readonly number[] | undefined): number | undefined {
  const pids = among?.length ? among : allPids();
  const reaper = pids.find((pid) => parentOf(pid) === keeper);
  return reaper === undefined ? undefined : pids.find((pid) => parentOf(pid) === reaper && numberWithin(pid) === 2);
}

/** Processes that a process started, and that have not ended. */
export function childrenOf(pid: number): readonly number[] {
  return allPids().filter((one) => parentOf(one) === pid);
}

function allPids(): readonly number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(status(pid))?.[1] ?? -1);
}

/** Its number in its own name space. */
function numberWithin(pid: number): number {
  return Number(/^NSpid:.*\s(\d+)$/m.exec(status(pid))?.[1] ?? -1);
}

function status(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

/** Processes of which is remembered what works in their cages. */
const BODIES_MAX = 1_000;

/** Makes what finds the process itself by that which keeps its cage, and looks for it once; the same as long as it has not begun. */
export function createBodies(): (keeper: number) => number {
  const known = new Map<number, number>();
  return (keeper) => {
    const body = known.get(keeper) ?? bodyIn(keeper, undefined);
    if (known.size > BODIES_MAX) known.clear();
    if (body !== undefined) known.set(keeper, body);
    return body ?? keeper;
  };
}
