import type { Clock, Timer } from "@orrery/core";
import type { Cell } from "./cell.ts";

/** Limits of time. */
export interface TimeLimits {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A limit that was reached. */
export interface ReachedLimit {
  readonly name: "wallMs" | "cpuMs";
  /** What happened, for people. */
  readonly text: string;
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
      const stop = (name: "wallMs" | "cpuMs", limitMs: number) => {
        const what = name === "wallMs" ? "in all" : "of the processor";
        reached = { name, text: `it was stopped after ${limitMs} ms ${what}, the limit ${name}` };
        cell.kill();
      };
      const look = () => {
        const used = cell.cpuMs();
        if (used !== undefined && used >= cpuMs) stop("cpuMs", cpuMs);
        else cpuTimer = clock.timer(Math.max(LOOK_MS_MIN, cpuMs - (used ?? 0)), look);
      };
      const wallTimer = clock.timer(wallMs, () => stop("wallMs", wallMs));
      if (cpuMs < wallMs) cpuTimer = clock.timer(cpuMs, look);
      return () => {
        wallTimer.cancel();
        cpuTimer?.cancel();
      };
    },
  };
}
