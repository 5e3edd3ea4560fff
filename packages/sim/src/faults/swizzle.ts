import type { Draw } from "../world/world.ts";
import type { TimedFault } from "./fault.ts";

/** Options of a swizzle. */
export interface SwizzleOptions {
  readonly nodes: readonly string[];
  /** Longest time between two steps, in ms. */
  readonly stepMs: number;
  /** When it begins, in ms since the world began. */
  readonly fromMs: number;
  readonly draw: Draw;
}

/**
 * Stops the links of nodes one after the other, then lets them go on in another order: FoundationDB's swizzle-clogging, which found more of
 * its bugs than any other fault.
 */
export function swizzle({ nodes, stepMs, fromMs, draw }: SwizzleOptions): readonly TimedFault[] {
  let atMs = fromMs;
  const steps: TimedFault[] = [];
  const stepMicros = Math.max(1, Math.round(stepMs * 1000));
  for (const verb of ["clog", "unclog"] as const) {
    for (const node of shuffled(nodes, draw)) {
      atMs += draw.integer(stepMicros) / 1000;
      steps.push({ atMs, fault: { verb, from: node, to: "*" } }, { atMs, fault: { verb, from: "*", to: node } });
    }
  }
  return steps;
}

/** Fisher and Yates. */
function shuffled(names: readonly string[], draw: Draw): readonly string[] {
  const order = [...names];
  for (let index = order.length - 1; index > 0; index--) {
    const other = draw.integer(index + 1);
    [order[index], order[other]] = [order[other] as string, order[index] as string];
  }
  return order;
}
