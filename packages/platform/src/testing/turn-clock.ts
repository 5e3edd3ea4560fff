import type { Clock } from "@orrery/core";

/** A clock that stands still until somebody moves it to what is due next. */
export interface TurnClock extends Clock {
  /** Moves to what is due next, and has it happen; false where nothing is. */
  turn(): boolean;
}

/** Makes a clock at 0. */
export function createTurnClock(): TurnClock {
  let nowMs = 0;
  let made = 0;
  const due = new Map<number, { readonly atMs: number; readonly fire: () => void }>();
  const timer: Clock["timer"] = (delayMs, fire) => {
    const id = made++;
    due.set(id, { atMs: nowMs + delayMs, fire });
    return { cancel: () => void due.delete(id) };
  };
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    timer,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const running = timer(delayMs, resolve);
        signal?.addEventListener("abort", () => {
          running.cancel();
          reject(signal.reason);
        });
      }),
    turn: () => {
      const [next] = [...due].sort(([a, one], [b, other]) => one.atMs - other.atMs || a - b);
      if (next === undefined) return false;
      const [id, { atMs, fire }] = next;
      due.delete(id);
      nowMs = Math.max(nowMs, atMs);
      fire();
      return true;
    },
  };
}
