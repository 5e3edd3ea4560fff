import {
  type ClientNode,
  createPeerEstimator,
  type Distance,
  type Distances,
  type PeerEstimator,
  type PeerEstimatorOptions,
  type PingResult,
} from "@orrery/core";
import type { Port } from "@orrery/core/internal";

/** Options of distances. */
export interface DistancesOptions extends PeerEstimatorOptions {
  /** Whether a place must be near for certain: its distance and its error count together. Default: false. */
  readonly strict?: boolean;
}

/** What one node has measured of the way to others. */
export interface MeasuredDistances extends Distances {
  /** Adds a ping of an address. */
  add(address: string, ping: PingResult): void;
  /** How far an address is; undefined where no ping of it was answered lately. */
  of(address: string): Distance | undefined;
  /** Forgets an address. */
  forget(address: string): void;
}

/**
 * Makes a book of distances, empty. A distance is half the middle round trip of an address's pings; its error is half of what lies between
 * the tenth and the ninetieth of a hundred of them. How much the two directions differ cannot be told from round trips; it is at most the
 * least of them.
 */
export function createDistances({ strict = false, ...options }: DistancesOptions = {}): MeasuredDistances {
  const known = new Map<string, { readonly estimator: PeerEstimator; distance: Distance | undefined }>();
  return {
    strict,
    through: ({ link, place }: Port) => (link === undefined ? undefined : known.get(place ?? link.remote)?.distance),
    add(address, ping) {
      const entry = known.get(address) ?? { estimator: createPeerEstimator(options), distance: undefined };
      known.set(address, entry);
      entry.estimator.add(ping);
      const estimate = entry.estimator.estimate();
      entry.distance = estimate && { ms: estimate.latencyMs, errorMs: estimate.jitterMs };
    },
    of: (address) => known.get(address)?.distance,
    forget: (address) => known.delete(address),
  };
}

/** How distances are kept up. */
export interface KeepMeasuringOptions {
  /** Asked before each round. */
  readonly addresses: () => readonly string[];
  /** Between two rounds, in ms. Default: 10,000. */
  readonly everyMs?: number;
  /** How long one ping may take, in ms. Default: 5,000. */
  readonly timeoutMs?: number;
  /** Ends the measuring. */
  readonly signal: AbortSignal;
}

/** Pings addresses round by round and enters what comes back, until it is told to end. An address that is gone from the list is forgotten. */
export async function keepMeasuring(
  node: Pick<ClientNode, "ping" | "clock">,
  distances: MeasuredDistances,
  { addresses, everyMs = 10_000, timeoutMs = 5_000, signal }: KeepMeasuringOptions,
): Promise<void> {
  let before: readonly string[] = [];
  while (!signal.aborted) {
    const now = addresses();
    for (const address of before) if (!now.includes(address)) distances.forget(address);
    before = now;
    const pings = now.map(async (address) => distances.add(address, await node.ping(address, { timeoutMs })));
    await Promise.allSettled(pings);
    await node.clock.sleep(everyMs, signal).catch(() => undefined);
  }
}
