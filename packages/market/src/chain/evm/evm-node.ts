import type { Clock } from "@orrery/core";
import type { Hex } from "viem";
import type { BlockRef, BlockTag } from "../lease-chain.ts";

/** An EVM node, asked by JSON-RPC. */
export interface EvmNode {
  /** Asks it one thing. @throws NodeRefused where it answers by an error; anything else where it does not answer */
  ask(method: string, params: readonly unknown[]): Promise<unknown>;
}

/** The node answered, by an error. */
export class NodeRefused extends Error {
  /** What a contract gave with its refusal. */
  readonly data: Hex | undefined;

  constructor(message: string, data?: Hex) {
    super(message);
    this.name = "NodeRefused";
    this.data = data;
  }
}

/** What tells whether a node can be relied on. */
export interface NodeHealthOptions {
  readonly node: EvmNode;
  readonly clock: Clock;
  readonly chainId: number;
  /** A node whose newest block is older is behind. */
  readonly staleAfterMs: number;
}

/** A look at a node: the block that is wanted, or why the node cannot be relied on. */
export type Look =
  | { readonly kind: "known"; readonly block: BlockRef }
  | { readonly kind: "unknown"; readonly why: string };

/** Looks at a block of a node, and whether the node is of the right chain and knows its newest blocks. It never throws. */
export async function lookAt(options: NodeHealthOptions, tag: BlockTag | number): Promise<Look> {
  const { node, clock, chainId, staleAfterMs } = options;
  try {
    const [chain, syncing, newest, wanted] = await Promise.all([
      node.ask("eth_chainId", []),
      node.ask("eth_syncing", []),
      blockOf(node, "latest"),
      tag === "latest" ? undefined : blockOf(node, tag),
    ]);
    if (Number(chain) !== chainId) return unknown(`the node is of chain ${Number(chain)}, not ${chainId}`);
    if (syncing !== false) return unknown("the node is synchronising");
    if (newest === undefined) return unknown("the node has no block");
    const behindMs = clock.now() - newest.at * 1_000;
    if (behindMs > staleAfterMs)
      return unknown(`the newest block of the node is ${Math.round(behindMs / 1_000)} s old`);
    const block = tag === "latest" ? newest : wanted;
    return block === undefined ? unknown(`the node has no block "${tag}"`) : { kind: "known", block };
  } catch (error) {
    return unknown(whyOf(error));
  }
}

/** A block of a node; undefined where it has none. */
export async function blockOf(node: EvmNode, tag: BlockTag | number): Promise<BlockRef | undefined> {
  const wanted = typeof tag === "number" ? `0x${tag.toString(16)}` : tag;
  const found = (await node.ask("eth_getBlockByNumber", [wanted, false])) as Record<string, Hex> | null;
  if (found === null) return undefined;
  return { number: Number(found["number"]), hash: found["hash"] as Hex, at: Number(found["timestamp"]) };
}

/** Why a node cannot be relied on, where it threw: the first line, for an address in what follows may hold a secret. */
export function whyOf(error: unknown): string {
  if (error instanceof NodeRefused) return `the node answers "${error.message}"`;
  return "the node cannot be reached";
}

function unknown(why: string): Look {
  return { kind: "unknown", why };
}
