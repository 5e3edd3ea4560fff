import { type Clock, sleepWith, type Timer } from "../clock.ts";

/** A clock whose time passes only when a test says so. */
export interface TestClock extends Clock {
  /** Timers that wait. */
  readonly timers: number;
  /** Lets time pass, running each timer at its moment, and all that follows from it before the next. */
  advance(ms: number): Promise<void>;
  /** Moves time without running anything, as a machine does that is busy. */
  skip(ms: number): void;
}

/** Wall time at which a test clock starts: 2026-01-01. */
const START_MS = 1_767_225_600_000;

/** Makes a test clock; `monotonicMs` is where its monotonic time starts. */
export function createTestClock(monotonicMs = 1000): TestClock {
  const timers = new Set<{ readonly atMs: number; readonly fire: () => void }>();
  let nowMs = monotonicMs;
  const timer = (delayMs: number, fire: () => void): Timer => {
    const entry = { atMs: nowMs + Math.max(0, delayMs), fire };
    timers.add(entry);
    return { cancel: () => timers.delete(entry) };
  };
  const earliest = (endMs: number) => {
    let next: { readonly atMs: number; readonly fire: () => void } | undefined;
    for (const entry of timers) if (entry.atMs <= endMs && (next === undefined || entry.atMs < next.atMs)) next = entry;
    return next;
  };
  return {
    get timers() {
      return timers.size;
    },
    now: () => START_MS + nowMs - monotonicMs,
    monotonic: () => nowMs,
    timer,
    sleep: (delayMs, signal) => sleepWith(timer, delayMs, signal),
    skip(ms) {
      nowMs += ms;
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await settle();
      for (let next = earliest(endMs); next !== undefined; next = earliest(endMs)) {
        timers.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.fire();
        await settle();
      }
      nowMs = Math.max(nowMs, endMs);
    },
  };
}

/** Waits until every microtask, and whatever they led to, has run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
