import type { Clock, Timer } from "@orrery/core";
import type { Cell } from "./cell.ts";

/** Limits of time. */
export interface TimeLimits {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A limit that was reached. */
export interface ReachedLimit {
  readonly name: keyof TimeLimits;
  readonly limitMs: number;
  /** Time of the processor that the cell had taken by then; undefined where that cannot be seen. */
  readonly usedMs: number | undefined;
}

/** Stops one cell at a time at its limits. */
export interface Watchdog {
  /** The limit at which it stopped the cell that it watched last. */
  readonly reached: ReachedLimit | undefined;
  /** Watches from now on; what it gives ends that. */
  watch(cell: Cell, limits: TimeLimits): () => void;
}

/** Shortest wait until a processor's time is looked at again. */
const LOOK_MS_MIN = 2;

/** Makes a watchdog. Nothing takes more time of one processor than of the clock, so it looks first when that much may have been taken. */
export function createWatchdog(clock: Clock): Watchdog {
  let reached: ReachedLimit | undefined;
  return {
    get reached() {
      return reached;
    },
    watch(cell, { wallMs, cpuMs }) {
      reached = undefined;
      let cpuTimer: Timer | undefined;
      const stop = (limit: ReachedLimit) => {
        reached = limit;
        cell.kill();
      };
      const look = () => {
        const usedMs = cell.cpuMs();
        if (usedMs !== undefined && usedMs >= cpuMs) stop({ name: "cpuMs", limitMs: cpuMs, usedMs });
        else cpuTimer = clock.timer(Math.max(LOOK_MS_MIN, cpuMs - (usedMs ?? 0)), look);
      };
      const wallTimer = clock.timer(wallMs, () => stop({ name: "wallMs", limitMs: wallMs, usedMs: cell.cpuMs() }));
      if (cpuMs < wallMs) cpuTimer = clock.timer(cpuMs, look);
      return () => {
        wallTimer.cancel();
        cpuTimer?.cancel();
      };
    },
  };
}
