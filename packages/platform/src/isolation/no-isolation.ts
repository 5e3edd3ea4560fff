import type { Isolation } from "@orrery/mesh/supervise";

/** Says that processes run as the platform does, and why. */
export function noIsolation(why: string): Isolation {
  return {
    kind: "none",
    inForce: [],
    lacks: [why],
    enclose: (start) => start,
    lend: () => undefined,
    bodyOf: (pid) => pid,
    ended: () => undefined,
  };
}
