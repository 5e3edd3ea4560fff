import { CLOCK_DRIFT_MAX, PEER_SAMPLES_MAX } from "./limits.ts";

/** How another clock stands to one's own. */
export interface ClockEstimate {
  /** Ms by which the other clock is ahead; negative when behind. */
  readonly offsetMs: number;
  /** The true offset is no further away than this, however unlike the two directions are: half the best round trip, and what drift may add. */
  readonly errorMs: number;
  /** How much faster the other clock runs: 1e-4 gains 0.1 ms in each second. 0 while too little is known. */
  readonly drift: number;
}

/** One look at another clock, in ms. */
export interface ClockSample {
  /** Own clock when the question left. */
  readonly sentMs: number;
  readonly roundTripMs: number;
  /** The other clock when it answered. */
  readonly peerMs: number;
}

/** A sample as an interval: somewhere between its ends lay the offset, at some moment of the round trip. */
interface Interval {
  readonly atMs: number;
  readonly offsetMs: number;
  readonly halfMs: number;
}

/** Follows one clock of one peer. */
export interface ClockTrack {
  add(sample: ClockSample): void;
  /** How the clock stands at a time of the own clock; undefined before the first sample. */
  at(nowMs: number): ClockEstimate | undefined;
}

/** Clocks cross the wire in whole µs, each rounded. */
const ROUNDING_MS = 0.001;
/** Samples that the slope is taken from: the best of each part of the window. */
const DRIFT_PARTS = 8;

/**
 * Makes a track over the last `windowMs`. The sample with the least round trip says most, as in NTP; where the clock drifts, a younger one
 * may say more. A sample that no drift can explain means that the clock was set: what came before is forgotten.
 */
export function createClockTrack(windowMs: number): ClockTrack {
  let samples: Interval[] = [];
  return {
    add({ sentMs, roundTripMs, peerMs }) {
      const halfMs = roundTripMs / 2 + ROUNDING_MS;
      const fresh = { atMs: sentMs + roundTripMs / 2, offsetMs: peerMs - sentMs - roundTripMs / 2, halfMs };
      const before = estimate(samples, fresh.atMs);
      const isSet = before !== undefined && Math.abs(before.offsetMs - fresh.offsetMs) > before.errorMs + halfMs;
      samples = isSet ? [] : samples.filter(({ atMs }) => atMs >= fresh.atMs - windowMs).slice(1 - PEER_SAMPLES_MAX);
      samples.push(fresh);
    },
    at: (nowMs) => estimate(samples, nowMs),
  };
}

function estimate(samples: readonly Interval[], nowMs: number): ClockEstimate | undefined {
  const { drift, driftError } = driftOf(samples);
  let best: ClockEstimate | undefined;
  for (const { atMs, offsetMs, halfMs } of samples) {
    const ageMs = Math.abs(nowMs - atMs);
    const errorMs = halfMs + ageMs * driftError;
    if (best === undefined || errorMs <= best.errorMs)
      best = { offsetMs: offsetMs + (nowMs - atMs) * drift, errorMs, drift };
  }
  return best;
}

/**
 * The slope of the offsets, and how far the true one may be away. Where the ends of the window leave it open, no clock is taken to drift by
 * more than `CLOCK_DRIFT_MAX`.
 */
function driftOf(samples: readonly Interval[]): { readonly drift: number; readonly driftError: number } {
  const best = bestOfParts(samples);
  const first = best[0];
  const last = best.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs)
    return { drift: 0, driftError: CLOCK_DRIFT_MAX };
  const spanMs = last.atMs - first.atMs;
  const ends = (last.offsetMs - first.offsetMs) / spanMs;
  const endsError = (first.halfMs + last.halfMs) / spanMs;
  const isSeen = Math.abs(ends) > endsError + CLOCK_DRIFT_MAX;
  const low = isSeen ? ends - endsError : Math.max(ends - endsError, -CLOCK_DRIFT_MAX);
  const high = isSeen ? ends + endsError : Math.min(ends + endsError, CLOCK_DRIFT_MAX);
  const drift = Math.min(high, Math.max(low, slopeOf(best)));
  return { drift, driftError: Math.max(high - drift, drift - low) };
}

function bestOfParts(samples: readonly Interval[]): readonly Interval[] {
  const size = Math.max(1, Math.ceil(samples.length / DRIFT_PARTS));
  const best: Interval[] = [];
  for (let from = 0; from < samples.length; from += size)
    best.push(samples.slice(from, from + size).reduce((one, other) => (other.halfMs < one.halfMs ? other : one)));
  return best;
}

/** Least squares, in which what took longer says less; 0 where the slope is no more than the scatter about it explains. */
function slopeOf(samples: readonly Interval[]): number {
  if (samples.length < 3) return 0;
  const leastMs = Math.min(...samples.map(({ halfMs }) => halfMs));
  const weighed = samples.map((sample) => ({ ...sample, weight: 1 / (sample.halfMs - leastMs + ROUNDING_MS) ** 2 }));
  const sum = (value: (sample: (typeof weighed)[number]) => number) =>
    weighed.reduce((total, sample) => total + sample.weight * value(sample), 0);
  const total = sum(() => 1);
  const meanAt = sum(({ atMs }) => atMs) / total;
  const meanOffset = sum(({ offsetMs }) => offsetMs) / total;
  const spread = sum(({ atMs }) => (atMs - meanAt) ** 2);
  if (spread === 0) return 0;
  const slope = sum(({ atMs, offsetMs }) => (atMs - meanAt) * (offsetMs - meanOffset)) / spread;
  const scatter = sum(({ atMs, offsetMs }) => (offsetMs - meanOffset - slope * (atMs - meanAt)) ** 2);
  const error = Math.sqrt(scatter / (samples.length - 2) / spread);
  return Math.abs(slope) > 2 * error ? slope : 0;
}
