import { OrreryError } from "@orrery/core";
import { TICKS_PER_MS } from "../limits.ts";

/** A moment of the world, and the wall time that it shows. */
export interface Timestamp {
  /** Virtual time since the world began, in ms. */
  readonly elapsedMs: number;
  /** Wall time, in ms since 1970. */
  readonly timeMs: number;
}

/**
 * Wall time of each moment: a table, between whose rows time passes evenly and beyond which it passes as the world's does; or a function of
 * the time since the world began, in ms.
 */
export type Timestamps = readonly Timestamp[] | ((elapsedMs: number) => number);

/**
 * Gives the wall time of ticks, in ms since 1970. Without `attached`, it passes as the world's from `epochMs` on.
 * @throws OrreryError `invalid_argument` for a table in which a later moment shows an earlier time; a function that goes back is refused when it does.
 */
export function readTimestamps(attached: Timestamps | undefined, epochMs: number): (tick: number) => number {
  if (attached === undefined) return (tick) => epochMs + tick / TICKS_PER_MS;
  if (typeof attached === "function") return watched(attached);
  return table(attached);
}

/** Wall times that can be changed for the moments to come. */
export interface AttachedTime {
  readonly timeOf: (tick: number) => number;
  /** Lets a tick show a wall time, in ms since 1970; it passes on from there. @throws OrreryError `invalid_argument` for one before what it shows. */
  attach(timeMs: number, tick: number): void;
}

/** Makes wall times that go as `base` says until another is attached. */
export function createAttachedTime(base: (tick: number) => number): AttachedTime {
  const attached: { readonly tick: number; readonly timeMs: number }[] = [];
  const timeOf = (tick: number) => {
    for (let index = attached.length - 1; index >= 0; index--) {
      const row = attached[index] as (typeof attached)[number];
      if (tick >= row.tick) return row.timeMs + (tick - row.tick) / TICKS_PER_MS;
    }
    return base(tick);
  };
  return {
    timeOf,
    attach(timeMs, tick) {
      const shownMs = timeOf(tick);
      if (!(timeMs >= shownMs))
        throw unfit(String(timeMs), `${tick / TICKS_PER_MS} ms after the beginning it is ${shownMs} already`);
      attached.push({ tick, timeMs });
    },
  };
}

function watched(attached: (elapsedMs: number) => number): (tick: number) => number {
  let lastTick = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return (tick) => {
    const timeMs = attached(tick / TICKS_PER_MS);
    const goesBack = tick >= lastTick && timeMs < lastMs;
    if (!Number.isFinite(timeMs) || goesBack) {
      const why = goesBack ? `it showed ${lastMs} at ${lastTick / TICKS_PER_MS} ms` : "it is no time";
      throw unfit(`${timeMs} at ${tick / TICKS_PER_MS} ms`, why);
    }
    if (tick >= lastTick) {
      lastTick = tick;
      lastMs = timeMs;
    }
    return timeMs;
  };
}

function table(rows: readonly Timestamp[]): (tick: number) => number {
  assertMonotonic(rows);
  const [first] = rows;
  if (first === undefined) throw unfit("an empty table", "it has no rows, give one at least");
  return (tick) => {
    const elapsedMs = tick / TICKS_PER_MS;
    const at = lastUpTo(rows, elapsedMs);
    const before = rows[at];
    const next = rows[at + 1];
    if (before === undefined) return first.timeMs - (first.elapsedMs - elapsedMs);
    if (next === undefined) return before.timeMs + (elapsedMs - before.elapsedMs);
    const share = (elapsedMs - before.elapsedMs) / (next.elapsedMs - before.elapsedMs);
    return before.timeMs + share * (next.timeMs - before.timeMs);
  };
}

/** Index of the last row that is not after a moment; -1 for none. */
function lastUpTo(rows: readonly Timestamp[], elapsedMs: number): number {
  let low = -1;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows[middle] as Timestamp).elapsedMs <= elapsedMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

function assertMonotonic(rows: readonly Timestamp[]): void {
  for (const [index, { elapsedMs, timeMs }] of rows.entries()) {
    if (!(Number.isFinite(elapsedMs) && elapsedMs >= 0 && Number.isFinite(timeMs)))
      throw unfit(`row ${index}`, `it says ${timeMs} at ${elapsedMs} ms, write times in ms`);
    const before = rows[index - 1];
    if (before === undefined) continue;
    if (elapsedMs <= before.elapsedMs)
      throw unfit(`row ${index}`, `its moment ${elapsedMs} ms is not after ${before.elapsedMs} ms`);
    if (timeMs < before.timeMs)
      throw unfit(`row ${index}`, `its time ${timeMs} is before ${before.timeMs} of the row above`);
  }
}

function unfit(what: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot attach ${what}: ${why}; time must not go back`);
}
