import type { Hex } from "viem";
import { type ChainEvent, EVENT_TOPICS, readEvent } from "../events.ts";
import type { BlockRef, ChainNews, FollowOptions } from "../lease-chain.ts";
import { blockOf, type EvmNode, type Look, lookAt, type NodeHealthOptions, whyOf } from "./evm-node.ts";

/** Blocks whose events are asked for at once. */
const RANGE = 1_000;

/** Blocks of a cursor, at most: a reorganisation that goes deeper withdraws all. */
export const SEEN_MAX = 64;

/** Where events come from. */
export interface FollowWorld extends NodeHealthOptions {
  /** Of the contracts. */
  readonly addresses: readonly string[];
  /** How often the node is asked. */
  readonly pollMs: number;
}

/** Tells events of contracts in the order of the chain, and what a reorganisation undid. */
export async function* followEvents(world: FollowWorld, { from, signal }: FollowOptions): AsyncIterable<ChainNews> {
  let seen: readonly BlockRef[] = from?.seen ?? [];
  let wasUnknown = false;
  while (!signal.aborted) {
    const step = await nextStep(world, seen);
    if (step.kind === "unknown") {
      if (!wasUnknown) yield step;
      wasUnknown = true;
    } else {
      wasUnknown = false;
      const { news, seen: now } = step;
      seen = now;
      for (const one of news) {
        if (signal.aborted) return;
        yield one;
      }
      if (step.hasMore) continue;
    }
    await world.clock.sleep(world.pollMs, signal).catch(() => undefined);
  }
}

type Step =
  | { readonly kind: "unknown"; readonly why: string }
  | {
      readonly kind: "told";
      readonly news: readonly ChainNews[];
      readonly seen: readonly BlockRef[];
      /** Whether there are blocks beyond what was told. */
      readonly hasMore: boolean;
    };

async function nextStep(world: FollowWorld, seen: readonly BlockRef[]): Promise<Step> {
  const look: Look = await lookAt(world, "latest");
  if (look.kind === "unknown") return look;
  try {
    const kept = await keptOf(world.node, seen);
    if (kept.length < seen.length) {
      const news: ChainNews[] = [{ kind: "withdrawn", after: kept.at(-1) }];
      return { kind: "told", news, seen: kept, hasMore: true };
    }
    return await forward(world, seen, look.block);
  } catch (error) {
    return { kind: "unknown", why: whyOf(error) };
  }
}

/** The blocks that are still of the chain: the newest are asked for first, for they are the ones that go. */
async function keptOf(node: EvmNode, seen: readonly BlockRef[]): Promise<readonly BlockRef[]> {
  for (let count = seen.length; count > 0; count--) {
    const { number, hash } = seen[count - 1] as BlockRef;
    if ((await blockOf(node, number))?.hash === hash) return seen.slice(0, count);
  }
  return [];
}

/** Tells what is between the last block that was seen and the newest; nothing where the chain changes meanwhile. */
async function forward(world: FollowWorld, seen: readonly BlockRef[], newest: BlockRef): Promise<Step> {
  const last = seen.at(-1);
  const idle: Step = { kind: "told", news: [], seen, hasMore: false };
  if (last !== undefined && last.number >= newest.number) return idle;
  const first = last === undefined ? 0 : last.number + 1;
  const to = newest.number - first < RANGE ? newest : await blockOf(world.node, first + RANGE - 1);
  if (to === undefined) return idle;
  const logs = await logsOf(world, first, to.number);
  if ((await blockOf(world.node, to.number))?.hash !== to.hash) return { ...idle, hasMore: true };
  const blocks = new Map<Hex, BlockRef>([[to.hash, to]]);
  const events: { readonly event: ChainEvent; readonly block: BlockRef }[] = [];
  for (const log of logs) {
    const block = blocks.get(log.blockHash) ?? (await blockOf(world.node, Number(log.blockNumber)));
    if (block?.hash !== log.blockHash) return { ...idle, hasMore: true };
    blocks.set(block.hash, block);
    events.push({ event: readEvent(log), block });
  }
  const now = [...seen, to].slice(-SEEN_MAX);
  const told = events.map((one): ChainNews => ({ kind: "event", ...one }));
  const news: ChainNews[] = [...told, { kind: "reached", block: to, cursor: { seen: now } }];
  return { kind: "told", news, seen: now, hasMore: to.number < newest.number };
}

interface Log {
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockHash: Hex;
  readonly blockNumber: Hex;
}

async function logsOf({ node, addresses }: FollowWorld, from: number, to: number): Promise<readonly Log[]> {
  const range = { fromBlock: `0x${from.toString(16)}`, toBlock: `0x${to.toString(16)}` };
  return (await node.ask("eth_getLogs", [{ address: addresses, topics: [EVENT_TOPICS], ...range }])) as readonly Log[];
}
