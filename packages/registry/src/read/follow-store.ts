import type { Clock } from "@orrery/core";
import { LOOK_EVERY_MS } from "../limits.ts";
import type { Database } from "../store/database.ts";

/** Options of `followStore`. */
export interface FollowOptions {
  readonly database: Pick<Database, "onWrite">;
  readonly clock: Clock;
  /** Takes what was written since. */
  readonly catchUp: () => Promise<void>;
}

/** Follows what others write to a database: when it tells, and else every second. */
export function followStore({ database, clock, catchUp }: FollowOptions): { stop(): Promise<void> } {
  const ended = new AbortController();
  let wake = () => {};
  const wait = () =>
    new Promise<void>((resolve) => {
      const timer = clock.timer(LOOK_EVERY_MS, resolve);
      wake = () => {
        timer.cancel();
        resolve();
      };
    });
  const run = async () => {
    const stopHearing = await database.onWrite?.(() => wake()).catch(() => undefined); // Then looking is all there is.
    while (!ended.signal.aborted) {
      await wait();
      await catchUp().catch(() => {}); // It is tried again after the next wait.
    }
    await stopHearing?.();
  };
  const running = run();
  return {
    stop: async () => {
      ended.abort();
      wake();
      await running;
    },
  };
}
