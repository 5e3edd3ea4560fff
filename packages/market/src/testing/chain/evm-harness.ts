import { createSystemClock } from "@orrery/core";
import { createEvmLeaseChain, type EvmLeaseChainOptions } from "../../chain/evm/evm-lease-chain.ts";
import type { EvmNode } from "../../chain/evm/evm-node.ts";
import { createEvmNode } from "../../chain/evm/system-evm-node.ts";
import type { LeaseChain } from "../../chain/lease-chain.ts";
import { LeaseBench } from "../lease-bench.ts";
import { type ChainHarness, KEYS, type Party, WALLET } from "./chain-harness.ts";

/** A harness over the packaged EVM node, and what only tests of it need. */
export interface EvmHarness extends ChainHarness {
  readonly bench: LeaseBench;
  /** A chain of its own for a party, with other options. */
  open(party: Party, options?: Partial<EvmLeaseChainOptions>): LeaseChain;
}

/** Starts a node that makes a block for each transaction, with the contracts. */
export async function openEvmHarness(): Promise<EvmHarness> {
  const bench = await LeaseBench.open();
  await bench.endow(WALLET);
  await bench.chain.ask(["evm_setAutomine", true]);
  const clock = createSystemClock();
  const real = createEvmNode({ url: bench.chain.url });
  let isCut = false;
  const node: EvmNode = {
    ask: (method, params) => (isCut ? Promise.reject(new Error("connection refused")) : real.ask(method, params)),
  };
  const contracts = { leases: bench.contract, token: bench.coin, registry: bench.registry };
  const open = (party: Party, options: Partial<EvmLeaseChainOptions> = {}) => {
    const times = { pollMs: 10, resendMs: 30_000, boundMs: 60_000 };
    return createEvmLeaseChain({
      node,
      clock,
      chainId: bench.chainId,
      contracts,
      key: KEYS[party],
      ...times,
      ...options,
    });
  };
  const chains = new Map<Party, LeaseChain>();
  return {
    bench,
    open,
    chainOf: (party) => {
      const chain = chains.get(party) ?? open(party);
      chains.set(party, chain);
      return chain;
    },
    pass: async (seconds) => {
      await bench.chain.ask(["evm_increaseTime", seconds], ["evm_mine"]);
    },
    mark: async () => {
      const [snapshot] = await bench.chain.ask(["evm_snapshot"]);
      return async () => {
        await bench.chain.ask(["evm_revert", snapshot]);
        await bench.chain.ask(["evm_increaseTime", 7], ["evm_mine"], ["evm_mine"]);
      };
    },
    cut: (now) => {
      isCut = now;
    },
    stop: () => bench.chain.stop(),
  };
}
