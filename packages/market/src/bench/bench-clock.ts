import { type Clock, sleepWith, type Timer } from "@orrery/core";

/**
 * The clock of a bench. What time it is stands still until it is moved, so that what is metered by it is exact; what waits by it goes on as time passes
 * on this machine, and when the clock is moved by hand. I1: a timer fires once, when as much has passed as it waits for, both kinds of time together.
 */
export interface BenchClock extends Clock {
  /** Moves it, and fires what was waiting for less. @param ms from 0 */
  move(ms: number): void;
}

interface Waiting {
  readonly dueMs: number;
  readonly fire: () => void;
  timer: Timer;
}

/** What a clock of a bench begins with. */
export interface BenchClockOptions {
  /** What time it is, ms since 1970. */
  readonly atMs: number;
  /** The clock of this machine. */
  readonly real: Clock;
  /** Whether it is moved as time passes on this machine, so that what waits by it has nothing to add. Default: it is moved by hand. */
  readonly isLive?: boolean;
}

/** Makes one. */
export function createBenchClock({ atMs, real, isLive = false }: BenchClockOptions): BenchClock {
  let movedMs = 0;
  const waiting = new Set<Waiting>();
  const passed = () => real.monotonic() + (isLive ? 0 : movedMs);
  const arm = (one: Waiting): Timer =>
    real.timer(Math.max(0, one.dueMs - passed()), () => {
      if (waiting.delete(one)) one.fire(); // I1
    });
  const timer: Clock["timer"] = (delayMs, fire) => {
    const one = { dueMs: passed() + delayMs, fire, timer: NEVER };
    waiting.add(one);
    one.timer = arm(one);
    return {
      cancel: () => {
        waiting.delete(one);
        one.timer.cancel();
      },
    };
  };
  return {
    now: () => atMs + movedMs,
    monotonic: () => movedMs,
    timer,
    sleep: (delayMs, signal) => sleepWith(timer, delayMs, signal),
    move: (ms) => {
      movedMs += ms;
      for (const one of [...waiting].sort((a, b) => a.dueMs - b.dueMs)) {
        one.timer.cancel();
        if (one.dueMs > passed()) one.timer = arm(one);
        else if (waiting.delete(one)) one.fire(); // I1: unless what fired before it took it away.
      }
    },
  };
}

const NEVER: Timer = { cancel: () => undefined };
