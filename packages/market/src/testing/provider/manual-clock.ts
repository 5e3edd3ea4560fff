import { type Clock, sleepWith } from "@orrery/core";

/** A clock that goes on where a test says so. */
export interface ManualClock extends Clock {
  /** Lets time pass, a timer after the other; what each leads to is done before the next. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until a promise has come to its end. */
  settle<T>(promise: Promise<T>): Promise<T>;
}

/** Makes one. @param startMs ms since 1970 */
export function createManualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  const timers = new Map<object, { readonly atMs: number; readonly fire: () => void }>();
  const timer: Clock["timer"] = (delayMs, fire) => {
    const own = {};
    timers.set(own, { atMs: nowMs + delayMs, fire });
    return { cancel: () => void timers.delete(own) };
  };
  const clock: ManualClock = {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    timer,
    sleep: (delayMs, signal) => sleepWith(timer, delayMs, signal),
    pass: async (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        await settled();
        const [next] = [...timers].sort(([, one], [, other]) => one.atMs - other.atMs);
        if (next === undefined || next[1].atMs > endMs) break;
        timers.delete(next[0]);
        nowMs = Math.max(nowMs, next[1].atMs);
        next[1].fire();
      }
      nowMs = endMs;
      await settled();
    },
    settle: async (promise) => {
      let isOver = false;
      const end = () => {
        isOver = true;
      };
      promise.then(end, end);
      while (!isOver) await clock.pass(500);
      return await promise;
    },
  };
  return clock;
}

/** Lets everything happen that waits for nothing. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
}
