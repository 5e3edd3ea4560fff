import { type Clock, sleepWith, type Timer } from "@orrery/core";

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Goes on by `ms`, and fires what falls due, in its order. */
  advance(ms: number): void;
}

/** Makes a clock that stands at 0. */
export function createManualClock(): ManualClock {
  let nowMs = 0;
  const waiting = new Set<{ readonly dueMs: number; readonly fire: () => void }>();
  const timer = (delayMs: number, fire: () => void): Timer => {
    const entry = { dueMs: nowMs + delayMs, fire };
    waiting.add(entry);
    return { cancel: () => void waiting.delete(entry) };
  };
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    timer,
    sleep: (delayMs, signal) => sleepWith(timer, delayMs, signal),
    advance(ms) {
      nowMs += ms;
      const due = [...waiting].filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
      for (const entry of due) if (waiting.delete(entry)) entry.fire();
    },
  };
}
