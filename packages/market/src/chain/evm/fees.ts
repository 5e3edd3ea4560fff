import type { Hex } from "viem";
import type { EvmNode } from "./evm-node.ts";

/** What a transaction pays for gas, at most and to whoever makes the block, in wei. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** Least tip, in wei: a node takes none below one unit for better than what it had. */
const TIP_LEAST = 1_000_000n;

/** Fees for now: twice what the newest block asks, so that some full blocks may follow it. @throws where the node does not answer */
export async function feesNow(node: EvmNode): Promise<Fees> {
  const [tip, block] = await Promise.all([
    node.ask("eth_maxPriorityFeePerGas", []),
    node.ask("eth_getBlockByNumber", ["latest", false]),
  ]);
  const base = BigInt((block as Record<string, Hex>)["baseFeePerGas"] ?? "0x0");
  const maxPriorityFeePerGas = most(BigInt(tip as Hex), TIP_LEAST);
  return { maxPriorityFeePerGas, maxFeePerGas: 2n * base + maxPriorityFeePerGas };
}

/** Fees for another try: a quarter more than before, which every node takes for better, and not less than is asked now. */
export function bumped(before: Fees, now: Fees): Fees {
  const raised = (fee: bigint) => fee + fee / 4n + 1n;
  return {
    maxFeePerGas: most(raised(before.maxFeePerGas), now.maxFeePerGas),
    maxPriorityFeePerGas: most(raised(before.maxPriorityFeePerGas), now.maxPriorityFeePerGas),
  };
}

function most(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
