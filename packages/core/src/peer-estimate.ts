import { type ClockEstimate, createClockTrack } from "./clock-track.ts";
import type { PingResult } from "./control-plane.ts";
import { PEER_SAMPLES_MAX, PEER_WINDOW_MS } from "./limits.ts";
import type { ClientNode } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";

/** What pings tell of the way to a peer and of its clocks. Times are in ms. */
export interface PeerEstimate {
  /** Pings that it is made of. */
  readonly samples: number;
  /** The middle round trip. */
  readonly roundTripMs: number;
  /** One way, as it mostly is: half the middle round trip. */
  readonly latencyMs: number;
  /** One way, where nothing was in the way: half the least round trip. */
  readonly leastMs: number;
  /** How much one way varies: half of what lies between the tenth and the ninetieth of a hundred round trips. */
  readonly jitterMs: number;
  /** The two directions differ by no more than this. */
  readonly asymmetryMs: number;
  /** The peer's monotonic clock against one's own. */
  readonly monotonic: ClockEstimate;
  /** The peer's wall clock against one's own; undefined where it does not say. */
  readonly wall: ClockEstimate | undefined;
}

/** Options of an estimator. */
export interface PeerEstimatorOptions {
  /** How far back it looks, in ms. Default: ten minutes. */
  readonly windowMs?: number;
}

/** Estimates how far away a peer is, and how its clocks stand, from pings. It asks nobody: whoever pings tells it. */
export interface PeerEstimator {
  add(ping: PingResult): void;
  /** What is known at a time of the own monotonic clock; undefined before the first ping. Default: when the last answer came. */
  estimate(nowMs?: number): PeerEstimate | undefined;
}

/**
 * Makes an estimator for one peer. @throws OrreryError `invalid_argument` for a window that is none.
 * @example
 * const estimator = createPeerEstimator();
 * for (let round = 0; round < 16; round++) estimator.add(await node.ping("tcp://10.0.0.7:7101"));
 * console.log(estimator.estimate()?.latencyMs);
 */
export function createPeerEstimator({ windowMs = PEER_WINDOW_MS }: PeerEstimatorOptions = {}): PeerEstimator {
  if (!(windowMs > 0))
    throw new OrreryError(
      "invalid_argument",
      `Cannot estimate over a window of ${windowMs} ms: write a number above 0`,
    );
  const monotonic = createClockTrack(windowMs);
  const wall = createClockTrack(windowMs);
  let saysWall = false;
  let trips: { readonly atMs: number; readonly roundTripMs: number }[] = [];
  return {
    add({ sentMs, roundTripMs, peerMs, sentWallMs, peerWallMs }) {
      const atMs = sentMs + roundTripMs;
      trips = trips.filter((trip) => trip.atMs >= atMs - windowMs).slice(1 - PEER_SAMPLES_MAX);
      trips.push({ atMs, roundTripMs });
      monotonic.add({ sentMs, roundTripMs, peerMs });
      saysWall = peerWallMs !== undefined;
      // Both are measured on the monotonic clock, so that setting the own wall clock looks like a jump and not like time.
      if (peerWallMs !== undefined) wall.add({ sentMs, roundTripMs, peerMs: peerWallMs - sentWallMs + sentMs });
    },
    estimate(nowMs = trips.at(-1)?.atMs ?? 0) {
      const clock = monotonic.at(nowMs);
      if (clock === undefined) return undefined;
      const sorted = trips.map(({ roundTripMs }) => roundTripMs).sort((a, b) => a - b);
      const roundTripMs = quantile(sorted, 0.5);
      const leastMs = quantile(sorted, 0);
      return {
        samples: sorted.length,
        roundTripMs,
        latencyMs: roundTripMs / 2,
        leastMs: leastMs / 2,
        jitterMs: (quantile(sorted, 0.9) - quantile(sorted, 0.1)) / 2,
        asymmetryMs: leastMs,
        monotonic: clock,
        wall: saysWall ? wall.at(nowMs) : undefined,
      };
    },
  };
}

/** How peers are measured. */
export interface MeasureOptions {
  /** Pings for each address. Default: 16. */
  readonly rounds?: number;
  /** Between two rounds, in ms; a longer look tells drift better. Default: 100. */
  readonly everyMs?: number;
  /** How long one ping may take, in ms. Default: 5,000. */
  readonly timeoutMs?: number;
}

/** Pings addresses for some rounds and estimates each that has answered, in the order given; one that never did is left out. */
export async function measurePeers(
  node: Pick<ClientNode, "ping" | "clock">,
  addresses: readonly string[],
  { rounds = 16, everyMs = 100, timeoutMs = 5000 }: MeasureOptions = {},
): Promise<ReadonlyMap<string, PeerEstimate>> {
  const estimators = new Map(addresses.map((address) => [address, createPeerEstimator()]));
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await node.clock.sleep(everyMs);
    const pings = [...estimators].map(async ([address, estimator]) =>
      estimator.add(await node.ping(address, { timeoutMs })),
    );
    await Promise.allSettled(pings);
  }
  const nowMs = node.clock.monotonic();
  const known = [...estimators].map(([address, estimator]) => [address, estimator.estimate(nowMs)] as const);
  return new Map(known.flatMap(([address, estimate]) => (estimate === undefined ? [] : [[address, estimate]])));
}

/** What a map shows: one way as it mostly is, or how far the wall clock there is ahead, both in ms. */
export type PeerMapKind = "latency" | "clock";

/**
 * Writes what nodes know of one another as a table: a row for each node that has looked, a column for each that was looked at, ms to a
 * tenth. `-` stands for itself, `?` for what nobody knows.
 */
export function formatPeerMap(
  map: ReadonlyMap<string, ReadonlyMap<string, PeerEstimate>>,
  kind: PeerMapKind = "latency",
): string {
  const columns = [...new Set([...map.keys(), ...[...map.values()].flatMap((seen) => [...seen.keys()])])];
  const rows = [...map].map(([from, seen]) => [
    from,
    ...columns.map((to) => (to === from ? "-" : cellOf(seen.get(to), kind))),
  ]);
  const table = [["ms", ...columns], ...rows];
  const widths = ["ms", ...columns].map((_, at) => Math.max(...table.map((row) => (row[at] ?? "").length)));
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ");
  return table.map(line).join("\n");
}

function cellOf(estimate: PeerEstimate | undefined, kind: PeerMapKind): string {
  if (kind === "latency") return estimate === undefined ? "?" : estimate.latencyMs.toFixed(1);
  if (estimate?.wall === undefined) return "?";
  const { offsetMs, errorMs } = estimate.wall;
  return `${offsetMs < 0 ? "" : "+"}${offsetMs.toFixed(1)}±${errorMs.toFixed(1)}`;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.round((sorted.length - 1) * part)] ?? 0;
}
