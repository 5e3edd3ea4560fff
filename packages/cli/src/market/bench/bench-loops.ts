import type { Clock } from "@orrery/core";
import type { LeaseChain } from "@orrery/market";
import type { BenchClock } from "@orrery/market/bench";
import { BENCH_QUIET_MS } from "../limits.ts";

/** A loop that looks, acts and sleeps, as a bench watches it. */
export interface BenchLoop {
  /** For the loop alone: it sleeps by it, and by nothing else. */
  readonly clock: Clock;
  /** The loop's calls, which count for work until they end. */
  chain(chain: LeaseChain): LeaseChain;
  /** The loop is over. */
  end(): void;
}

/**
 * Knows when all that goes on by the clock of a bench has done what there was to do, so that the clock is moved while nobody is in the midst of
 * something. I1: a loop rests while it sleeps and none of its calls is under way.
 */
export interface BenchLoops {
  watch(): BenchLoop;
  /** Whether nobody goes by the clock: then it may be moved by any time at once. */
  isIdle(): boolean;
  /** Waits until all rest; for some seconds at most, for what hangs is no reason to wait. */
  rest(): Promise<void>;
}

/** Makes one. @param real the clock of this machine */
export function createBenchLoops(clock: BenchClock, real: Clock): BenchLoops {
  const loops = new Set<{ isAsleep: boolean; calls: number }>();
  const isBusy = () => [...loops].some(({ isAsleep, calls }) => !isAsleep || calls > 0);
  return {
    watch: () => {
      const loop = { isAsleep: false, calls: 0 };
      loops.add(loop);
      return {
        clock: {
          ...clock,
          sleep: async (delayMs, signal) => {
            loop.isAsleep = true;
            try {
              await clock.sleep(delayMs, signal);
            } finally {
              loop.isAsleep = false;
            }
          },
        },
        chain: (chain) => ({
          ...chain,
          send: async (call) => {
            loop.calls += 1;
            try {
              return await chain.send(call);
            } finally {
              loop.calls -= 1;
            }
          },
        }),
        end: () => void loops.delete(loop),
      };
    },
    isIdle: () => loops.size === 0,
    rest: async () => {
      const lastMs = real.monotonic() + BENCH_QUIET_MS;
      for (let calm = 0; calm < CALM_TURNS && real.monotonic() < lastMs; calm = isBusy() ? 0 : calm + 1)
        await new Promise((resolve) => setImmediate(resolve)); // What a call's end wakes has begun by then.
    },
  };
}

/** Turns of the event loop in which nothing may be busy. */
const CALM_TURNS = 3;
