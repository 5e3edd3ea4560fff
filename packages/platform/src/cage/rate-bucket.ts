import type { Clock } from "@orrery/core";

/** Lets so many things through in a second, and as many at once after a rest. */
export interface RateBucket {
  /** Whether one more may go. */
  take(): boolean;
}

/** Makes a full bucket. */
export function createRateBucket(perSecond: number, clock: Pick<Clock, "monotonic">): RateBucket {
  let left = perSecond;
  let lastMs = clock.monotonic();
  return {
    take() {
      const nowMs = clock.monotonic();
      left = Math.min(perSecond, left + ((nowMs - lastMs) * perSecond) / 1_000);
      lastMs = nowMs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
