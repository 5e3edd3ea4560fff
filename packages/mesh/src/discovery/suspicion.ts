import { CONFIRMATIONS, SUSPICION_MIN, SUSPICION_SPREAD } from "./limits.ts";

/** What the time of a suspicion depends on. */
export interface SuspicionOptions {
  /** Nodes that are there. */
  readonly members: number;
  /** Time between two probes, in ms. */
  readonly probeMs: number;
  /** Others that suspect the node, too. */
  readonly confirmations: number;
}

/**
 * How long a node may stay suspected before it counts as dead, in ms: long while nobody else suspects it, since it may be the suspecter who
 * is slow; short once others do. Dadgar and others: Lifeguard, 2018.
 */
export function suspicionMs({ members, probeMs, confirmations }: SuspicionOptions): number {
  const leastMs = SUSPICION_MIN * Math.max(1, Math.log10(Math.max(1, members))) * probeMs;
  const mostMs = leastMs * SUSPICION_SPREAD;
  const wanted = Math.min(CONFIRMATIONS, Math.max(0, members - 2)); // So few others may be there to confirm it.
  if (wanted === 0) return leastMs;
  const share = Math.log(confirmations + 1) / Math.log(wanted + 1);
  return Math.max(leastMs, mostMs - share * (mostMs - leastMs));
}
