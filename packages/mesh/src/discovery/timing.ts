import { OrreryError } from "@orrery/core";

/** Times of gossip, in ms. */
export interface GossipTiming {
  /** Time between two probes of a node; it also decides how long a suspicion lasts. Default: 1,000. */
  readonly probeMs: number;
  /** How long the answer to a probe may take before others are asked to probe, too; below `probeMs`. Default: 500. */
  readonly probeTimeoutMs: number;
  /** Least time between two rounds of telling news. Default: 200. */
  readonly gossipMs: number;
  /** Time between two comparisons of all that is known with a neighbour, while there are differences. Default: 1,000. */
  readonly syncMinMs: number;
  /** The same when there are none. Default: 30,000. */
  readonly syncMaxMs: number;
  /** Time between two tries to reach a seed or a node that is gone. Default: 10,000. */
  readonly retryMs: number;
}

const DEFAULTS: GossipTiming = {
  probeMs: 1_000,
  probeTimeoutMs: 500,
  gossipMs: 200,
  syncMinMs: 1_000,
  syncMaxMs: 30_000,
  retryMs: 10_000,
};

/** Gives every time a value. @throws OrreryError `invalid_argument` for one that cannot be. */
export function completeTiming(given: Partial<GossipTiming> = {}): GossipTiming {
  const timing = { ...DEFAULTS, ...given };
  for (const [name, value] of Object.entries(timing))
    if (!(Number.isFinite(value) && value >= 1)) throw unfit(`${name} is ${value}, write a number of ms from 1`);
  if (timing.probeTimeoutMs >= timing.probeMs)
    throw unfit(`probeTimeoutMs is ${timing.probeTimeoutMs}, write one below probeMs, which is ${timing.probeMs}`);
  if (timing.syncMinMs > timing.syncMaxMs)
    throw unfit(`syncMinMs is ${timing.syncMinMs}, write one up to syncMaxMs, which is ${timing.syncMaxMs}`);
  return timing;
}

function unfit(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot make a gossip directory: ${why}`);
}
