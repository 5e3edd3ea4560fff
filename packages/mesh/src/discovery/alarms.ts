import type { Clock, Timer } from "@orrery/core";

/** Timers that end together. */
export interface Alarms {
  /** Calls back once, and says by how many ms it is late: a node that stood still must not blame others for it. */
  after(delayMs: number, fire: (lateMs: number) => void): Timer;
  /** Ends all, also those that are asked for afterwards. */
  close(): void;
}

/** Makes alarms on a clock. */
export function createAlarms(clock: Clock): Alarms {
  const running = new Set<Timer>();
  let isClosed = false;
  return {
    after(delayMs, fire) {
      if (isClosed) return { cancel: () => undefined };
      const dueMs = clock.monotonic() + delayMs;
      const timer = clock.timer(delayMs, () => {
        running.delete(own);
        fire(clock.monotonic() - dueMs);
      });
      const own = {
        cancel: () => {
          running.delete(own);
          timer.cancel();
        },
      };
      running.add(own);
      return own;
    },
    close() {
      isClosed = true;
      for (const timer of [...running]) timer.cancel();
    },
  };
}
