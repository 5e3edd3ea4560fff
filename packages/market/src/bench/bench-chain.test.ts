import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSystemClock } from "@orrery/core";
import { createEvmLeaseChain } from "../chain/evm/evm-lease-chain.ts";
import { readTokenBalance, readTokenFacts } from "../chain/evm/read-token.ts";
import { createEvmNode } from "../chain/evm/system-evm-node.ts";
import { addressOf, KEYS } from "../testing/chain/chain-harness.ts";
import { type BenchChain, startBenchChain } from "./bench-chain.ts";
import { endAnvil } from "./system-anvil.ts";

const AT_S = 2_000_000_000;

describe("startBenchChain", () => {
  let chain: BenchChain;
  before(async () => {
    chain = await startBenchChain({ atS: AT_S });
  });
  after(() => chain.stop());

  it("has contracts that work, for whoever was endowed, at a time that stands still until it is set", async () => {
    const account = addressOf("stranger");
    const node = createEvmNode({ url: chain.url });
    const clock = { ...createSystemClock(), now: () => AT_S * 1_000 };
    const { chainId, contracts } = chain;
    const own = createEvmLeaseChain({ node, clock, chainId, contracts, key: KEYS.stranger, pollMs: 10 });
    await chain.endow(account, 1_000n);
    assert.deepEqual(await readTokenFacts(node, contracts.token), { symbol: "COIN", decimals: 6 });
    for (const call of [
      { kind: "approve", amount: 600n } as const,
      { kind: "deposit", account, amount: 600n } as const,
      { kind: "stake", amount: 100n } as const,
    ]) {
      const sent = await own.send(call);
      assert.ok(
        sent.kind === "mined",
        JSON.stringify(sent, (_, value) => (typeof value === "bigint" ? String(value) : value)),
      );
      assert.equal(sent.block.at, AT_S);
    }
    await chain.setTime(AT_S + 3_600);
    const reading = await own.read({ accounts: [account] }, "latest");
    assert.ok(reading.kind === "known");
    assert.equal(reading.block.at, AT_S + 3_600);
    assert.equal(reading.state.accounts[0]?.balance, 500n);
    assert.equal(await readTokenBalance(node, { token: contracts.token, account }), 400n);
  });

  it("is found by its mark and ended, where whoever started it was killed; a process with other words is let alone", async () => {
    const left = await startBenchChain({ atS: AT_S });
    const { pid, words } = left.mark;
    assert.equal(endAnvil({ pid, words: [...words, "--more"] }), false);
    assert.equal(endAnvil({ pid: process.pid, words }), false);
    assert.match(String(await createEvmNode({ url: left.url }).ask("eth_chainId", [])), /^0x/);
    assert.equal(endAnvil({ pid, words }), true);
    await left.stop();
    await assert.rejects(createEvmNode({ url: left.url }).ask("eth_chainId", []));
    assert.equal(endAnvil({ pid, words }), false);
  });
});
