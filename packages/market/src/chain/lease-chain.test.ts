import { after, before, describe } from "node:test";
import { chainCases } from "../testing/chain/chain-cases.ts";
import type { ChainHarness } from "../testing/chain/chain-harness.ts";
import { openEvmHarness } from "../testing/chain/evm-harness.ts";
import { openMemoryHarness } from "../testing/chain/memory-harness.ts";

const HARNESSES = [
  { name: "LeaseChain on an EVM node", open: openEvmHarness },
  { name: "LeaseChain in memory", open: openMemoryHarness },
] as const;

for (const { name, open } of HARNESSES)
  describe(name, () => {
    let harness: ChainHarness;
    before(async () => {
      harness = await open();
    });
    after(() => harness.stop());
    chainCases(() => harness);
  });
