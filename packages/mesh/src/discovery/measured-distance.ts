import type { Distance } from "@orrery/core";

/** Shares by which a new measurement moves the mean and its wavering, as for TCP (RFC 6298, 2.3). */
const MEAN_SHARE = 1 / 8;
const WAVER_SHARE = 1 / 4;

/** How far a node is after one more answer of it, one way: the running mean of half its round trips, and how much they waver. */
export function measuredDistance(before: Distance | undefined, roundTripMs: number): Distance {
  const ms = Math.max(0, roundTripMs) / 2;
  if (before === undefined) return { ms, errorMs: ms };
  const waverMs = Math.abs(before.ms - ms);
  return {
    ms: before.ms + (ms - before.ms) * MEAN_SHARE,
    errorMs: before.errorMs + (waverMs - before.errorMs) * WAVER_SHARE,
  };
}
