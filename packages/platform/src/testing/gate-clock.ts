import { type Clock, sleepWith, type Timer } from "@orrery/core";

/** A clock whose time passes when a test says so. */
export interface GateClock extends Clock {
  /** Lets time pass, and runs the timers that are due, in their order. */
  pass(ms: number): void;
}

/** Makes a clock that stands still. */
export function createGateClock(): GateClock {
  const timers = new Set<{ readonly atMs: number; readonly fire: () => void }>();
  let nowMs = 0;
  const timer = (delayMs: number, fire: () => void): Timer => {
    const entry = { atMs: nowMs + delayMs, fire };
    timers.add(entry);
    return { cancel: () => timers.delete(entry) };
  };
  return {
    now: () => Date.UTC(2026, 0, 1) + nowMs,
    monotonic: () => nowMs,
    timer,
    sleep: (delayMs, signal) => sleepWith(timer, delayMs, signal),
    pass(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = next.atMs;
        next.fire();
      }
      nowMs = endMs;
    },
  };
}
