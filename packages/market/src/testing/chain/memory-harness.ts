import type { Clock } from "@orrery/core";
import { createSystemClock } from "@orrery/core";
import { MemoryChain } from "../../chain/memory/memory-chain.ts";
import { addressOf, type ChainHarness, type Party, WALLET } from "./chain-harness.ts";

/** A harness over the chain in memory. */
export async function openMemoryHarness(): Promise<ChainHarness> {
  const system = createSystemClock();
  let aheadMs = 0;
  const clock: Clock = { ...system, now: () => system.now() + aheadMs };
  const chain = new MemoryChain({ clock });
  const parties: readonly Party[] = ["publisher", "provider", "stranger"];
  for (const party of parties) {
    chain.mint(addressOf(party), WALLET);
    await chain.connect(addressOf(party)).send({ kind: "approve", amount: WALLET });
  }
  return {
    chainOf: (party) => chain.connect(addressOf(party)),
    pass: async (seconds) => {
      aheadMs = Math.max(aheadMs, (chain.newest().at + seconds) * 1_000 - system.now());
      chain.mine();
    },
    mark: async () => {
      const number = chain.newest().number;
      return async () => {
        chain.revert(number);
        aheadMs += 7_000;
        chain.mine();
        chain.mine();
      };
    },
    cut: (isCut) => chain.cut(isCut ? "the node cannot be reached" : undefined),
    stop: () => Promise.resolve(),
  };
}
