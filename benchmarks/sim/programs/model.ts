/**
 * The model that worlds, toy loops and SimPy run alike: some nodes, each of which asks one of a few others, waits for the answer, and asks
 * the next. Which one, and how long each message takes, chance decides. Each question and each answer is a delivery.
 */

/** Other nodes that a node asks in turn; a connection leads to each. */
export const PEERS = 4;

/** How long a message is on its way, in ms: every length as often. */
export const LATENCY = { kind: "uniform", minMs: 1, maxMs: 10 } as const;

/** What is asked, and answered. */
export interface Ask {
  readonly n: number;
}

/** The answer to a question. */
export function answerTo({ n }: Ask): Ask {
  return { n: n + 1 };
}

/** A number from 0 up to below 1. */
export type Chance = () => number;

/** Chance for who brings none: mulberry32. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Gives which others a node asks. */
export function peersOf(node: number, nodes: number, chance: Chance): number[] {
  return Array.from({ length: PEERS }, () => (node + 1 + Math.floor(chance() * (nodes - 1))) % nodes);
}

/** Gives how long the next message takes, in whole µs. */
export function drawLatency(chance: Chance): number {
  return Math.round((LATENCY.minMs + chance() * (LATENCY.maxMs - LATENCY.minMs)) * 1000);
}
