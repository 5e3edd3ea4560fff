import { type Clock, createSystemClock } from "@orrery/core";
import { askBench } from "./bench/bench-client.ts";
import type { FoundMarket } from "./market-file.ts";

/** The clock of a market, and what has it stand. */
export interface MarketClock {
  readonly clock: Clock;
  /** Has the clock of a bench stand, and be known, until what this gives is called, for some seconds at most. Elsewhere time passes by itself. */
  holdTime(): Promise<() => Promise<void>>;
  /** Learns what time it is on a bench. Elsewhere time passes by itself. */
  readTime(): Promise<void>;
}

/** Opens the clock of a market: of a bench what time it is there, which stands still until it is asked again, and how time passes here. */
export async function openMarketClock(market: FoundMarket | undefined): Promise<MarketClock> {
  const real = createSystemClock();
  const bench = market?.bench;
  if (bench === undefined)
    return { clock: real, holdTime: async () => async () => undefined, readTime: async () => undefined };
  let { nowMs } = await askBench(bench, "status");
  const holdTime = async () => {
    const held = await askBench(bench, "hold");
    nowMs = held.nowMs;
    return async () => void (await askBench(bench, "release", { hold: held.hold }));
  };
  const readTime = async () => {
    nowMs = (await askBench(bench, "status")).nowMs;
  };
  return { clock: { ...real, now: () => nowMs }, holdTime, readTime };
}

/** The same, for whoever only tells the time. */
export async function clockOf(market: FoundMarket | undefined): Promise<Clock> {
  return (await openMarketClock(market)).clock;
}
