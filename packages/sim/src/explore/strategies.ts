import type { Random } from "@orrery/core";
import type { PlannedEvent } from "../order/event-queue.ts";
import type { Strategy } from "../order/strategy.ts";

/** What every strategy is given. */
export interface StrategyOptions {
  readonly random: Random;
  /** Events that come due within so many ticks of the next one could come before it. */
  readonly slackTicks: number;
}

/** Events that are looked at when one is chosen. */
const EVENTS_MAX = 64;

/** Now and then takes any of the events that could be next, as often as `share` says. */
export function randomWalk({ random, slackTicks }: StrategyOptions, share: number): Strategy {
  return {
    slackTicks,
    eventsMax: EVENTS_MAX,
    choose: (enabled) => (random.next() < share ? random.integer(enabled.length) : 0),
  };
}

/**
 * Probabilistic concurrency testing: each chain of events has a priority drawn once, the highest comes first, and at `depth - 1` steps the
 * one that runs falls behind all others. A bug that needs `depth` orderings is met with a chance of at least 1/(n·k^(depth-1)) in n chains
 * of k events (Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs, 2010).
 */
export function priorities({ random, slackTicks }: StrategyOptions, depth: number, events: number): Strategy {
  const ranks = new Map<unknown, number>();
  const changes = new Set(Array.from({ length: depth - 1 }, () => random.integer(Math.max(1, events))));
  let step = 0;
  let lowest = 0;
  const rankOf = (event: PlannedEvent) => {
    const chain = event.lane ?? event.target;
    let rank = ranks.get(chain);
    if (rank === undefined) {
      rank = 1 + random.next();
      ranks.set(chain, rank);
    }
    return rank;
  };
  const highest = (enabled: readonly PlannedEvent[]) => {
    let best = 0;
    for (let index = 1; index < enabled.length; index++)
      if (rankOf(enabled[index] as PlannedEvent) > rankOf(enabled[best] as PlannedEvent)) best = index;
    return best;
  };
  return {
    slackTicks,
    eventsMax: EVENTS_MAX,
    choose(enabled) {
      if (changes.has(step++)) {
        const falling = enabled[highest(enabled)] as PlannedEvent;
        ranks.set(falling.lane ?? falling.target, --lowest);
      }
      return highest(enabled);
    },
  };
}

/** Keeps the order but for `delays` events, which are put off behind one that comes later. */
export function delayBounded({ random, slackTicks }: StrategyOptions, delays: number, events: number): Strategy {
  const steps = new Set(Array.from({ length: delays }, () => random.integer(Math.max(1, events))));
  let step = 0;
  return {
    slackTicks,
    eventsMax: EVENTS_MAX,
    choose: (enabled) => (steps.has(step++) ? 1 + random.integer(enabled.length - 1) : 0),
  };
}

/**
 * Leaves the order alone once a run had so many choices: a strategy that always prefers the same chain may keep an answer from ever coming
 * in time, and whoever tries again until it does would try for ever.
 */
export function fairAfter(choices: number, strategy: Strategy): Strategy {
  let left = choices;
  return { ...strategy, choose: (enabled) => (left-- > 0 ? strategy.choose(enabled) : 0) };
}
