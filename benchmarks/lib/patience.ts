import { setTimeout as sleep } from "node:timers/promises";
import { foreignShare, machineTime } from "./machine.ts";

/** Share of the machine that others may take during a window. */
export const FOREIGN_MAX = 0.1;
/** How often a window is run again because others took more. */
const REPEATS_MAX = 2;
/** Longest wait before one window. */
const WAIT_MS_MAX = 3000;
const LOOK_MS = 100;

/**
 * The time that a run may spend on waiting for a quiet machine, and on windows run again because it was not. When it is used up, the run
 * takes the machine as it is, so that it ends on a busy machine too.
 */
export interface Patience {
  /** Waits until others leave the machine alone, but not for long. */
  waitForQuiet(): Promise<void>;
  /** Runs something again, at most twice, while others took much of the machine during it. */
  repeat<T extends { readonly foreign: number }>(run: () => Promise<T>): Promise<T>;
}

/** Makes patience of so many ms. */
export function createPatience(totalMs: number): Patience {
  let leftMs = totalMs;
  async function waitForQuiet(): Promise<void> {
    const startMs = performance.now();
    const endMs = startMs + Math.min(leftMs, WAIT_MS_MAX);
    for (let foreign = 1; foreign > FOREIGN_MAX && performance.now() < endMs; ) {
      const before = machineTime();
      await sleep(LOOK_MS);
      foreign = foreignShare(before, machineTime(), 0);
      if (foreign > FOREIGN_MAX) leftMs -= LOOK_MS;
    }
  }
  return {
    waitForQuiet,
    async repeat(run) {
      for (let repeats = 0; ; repeats++) {
        await waitForQuiet();
        const startMs = performance.now();
        const found = await run();
        if (found.foreign <= FOREIGN_MAX || repeats === REPEATS_MAX || leftMs <= 0) return found;
        leftMs -= performance.now() - startMs;
      }
    },
  };
}
