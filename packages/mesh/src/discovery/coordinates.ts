import type { Distance, Random } from "@orrery/core";
import type { Coordinates } from "./entry.ts";

/** How fast a node moves, and how fast it comes to trust where it is: Dabek and others, Vivaldi, 2004. */
const STEP = 0.25;
const TRUST = 0.25;
const ERROR_MAX = 1.5;
/** Nobody is so sure of its place that it would not follow a change. */
const ERROR_MIN = 0.05;
/** A difference of so many ms is the wavering of a way, and no reason to move. */
const WAVER_MS = 1;
/** In ms: no way is shorter, and no direction is taken from a shorter one. */
const LEAST_MS = 0.01;

/** An estimate with a larger error, as a share, says nothing. */
const ERROR_TRUSTED_MAX = 0.5;

/** Where a node begins: at the origin, and sure of nothing. */
export const ORIGIN: Coordinates = Object.freeze({ x: 0, y: 0, height: LEAST_MS, error: ERROR_MAX });

/** Estimated round trip between two points, in ms. */
export function roundTripBetween(a: Coordinates, b: Coordinates): number {
  return Math.hypot(a.x - b.x, a.y - b.y) + a.height + b.height;
}

/** Error of that estimate, as a share of it. */
export function errorBetween(a: Coordinates, b: Coordinates): number {
  return Math.max(a.error, b.error);
}

/** How far apart two points are, one way; undefined while either is unsure of its own. */
export function distanceBetween(a: Coordinates, b: Coordinates): Distance | undefined {
  const share = errorBetween(a, b);
  if (share > ERROR_TRUSTED_MAX) return undefined;
  const ms = roundTripBetween(a, b) / 2;
  return { ms, errorMs: ms * share };
}

/**
 * Where a node is, once it has measured a round trip to another: it moves towards where the two would be as far apart as measured, the more
 * the surer the other is. Pure but for the lots, by which two nodes at one place part.
 */
export function movedBy(
  own: Coordinates,
  {
    other,
    roundTripMs,
    random,
  }: { readonly other: Coordinates; readonly roundTripMs: number; readonly random: Random },
): Coordinates {
  const measuredMs = Math.max(LEAST_MS, roundTripMs);
  const estimateMs = roundTripBetween(own, other);
  const weight = own.error / Math.max(own.error + other.error, 1e-9);
  const differenceMs = measuredMs - estimateMs;
  const missedMs = Math.sign(differenceMs) * Math.max(0, Math.abs(differenceMs) - WAVER_MS);
  const trusted = (Math.abs(missedMs) / measuredMs) * TRUST * weight + own.error * (1 - TRUST * weight);
  const error = Math.min(ERROR_MAX, Math.max(ERROR_MIN, trusted));
  const force = STEP * weight * missedMs;
  const apartMs = Math.hypot(own.x - other.x, own.y - other.y);
  const angle = apartMs < LEAST_MS ? random.next() * 2 * Math.PI : Math.atan2(own.y - other.y, own.x - other.x);
  const height = Math.max(
    LEAST_MS,
    own.height + ((own.height + other.height) * force) / Math.max(estimateMs, LEAST_MS),
  );
  return { x: own.x + Math.cos(angle) * force, y: own.y + Math.sin(angle) * force, height, error };
}
