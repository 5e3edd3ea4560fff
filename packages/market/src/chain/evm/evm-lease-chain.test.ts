import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSystemClock } from "@orrery/core";
import { encodeFunctionData, erc20Abi, type Hex, parseTransaction, type TransactionSerializableEIP1559 } from "viem";
import { addressOf } from "../../testing/chain/chain-harness.ts";
import { type EvmHarness, openEvmHarness } from "../../testing/chain/evm-harness.ts";
import type { Sent } from "../lease-chain.ts";
import { type EvmNode, NodeRefused } from "./evm-node.ts";
import { createEvmNode } from "./system-evm-node.ts";

const DEPOSIT = { kind: "deposit", account: addressOf("stranger"), amount: 5n } as const;

describe("createEvmLeaseChain", () => {
  let harness: EvmHarness;
  before(async () => {
    harness = await openEvmHarness();
  });
  after(() => harness.stop());

  const ask = async (...calls: [string, ...unknown[]][]) => await harness.bench.chain.ask(...calls);

  /** Has no block made until it is asked for, for as long as something lasts. */
  async function withoutBlocks<T>(act: () => Promise<T>): Promise<T> {
    await ask(["evm_setAutomine", false]);
    try {
      return await act();
    } finally {
      await ask(["anvil_dropAllTransactions"], ["evm_setAutomine", true]);
    }
  }

  /** Waits until the node holds so many transactions of an account back. */
  async function pending(holds: (all: readonly { hash: string }[]) => boolean) {
    for (;;) {
      const [block] = (await ask(["eth_getBlockByNumber", "pending", true])) as [
        { transactions: { hash: string; from: string }[] },
      ];
      const own = block.transactions.filter(({ from }) => from.toLowerCase() === addressOf("stranger"));
      if (holds(own)) return own;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function balance(): Promise<bigint> {
    const reading = await harness.chainOf("stranger").read({ accounts: [addressOf("stranger")] }, "latest");
    return reading.kind === "known" ? (reading.state.accounts[0]?.balance ?? 0n) : -1n;
  }

  it("sends again with higher fees what no block has, and it is done once", async () => {
    const had = await balance();
    const real = createEvmNode({ url: harness.bench.chain.url });
    const left: TransactionSerializableEIP1559[] = [];
    const node: EvmNode = {
      ask: (method, params) => {
        if (method === "eth_sendRawTransaction")
          left.push(parseTransaction(params[0] as Hex) as TransactionSerializableEIP1559);
        return real.ask(method, params);
      },
    };
    const sent = await withoutBlocks(async () => {
      const sending = harness.open("stranger", { node, resendMs: 20 }).send(DEPOSIT);
      await pending(() => left.length >= 2);
      await ask(["evm_mine"]);
      return await sending;
    });
    assert.equal(sent.kind, "mined");
    const [first, second] = left;
    assert.equal(second?.nonce, first?.nonce);
    assert.ok((second?.maxFeePerGas ?? 0n) * 4n >= (first?.maxFeePerGas ?? 0n) * 5n);
    await ask(["evm_mine"]);
    assert.equal(await balance(), had + 5n);
  });

  it("tells of a transaction that another one took the place of", async () => {
    const sent = await withoutBlocks(async () => {
      const sending = harness.chainOf("stranger").send(DEPOSIT);
      await pending((all) => all.length === 1);
      const [nonce] = await ask(["eth_getTransactionCount", addressOf("stranger"), "latest"]);
      const data = encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [addressOf("provider"), 1n] });
      const fees = { maxFeePerGas: "0x4a817c8000", maxPriorityFeePerGas: "0x4a817c8000" };
      await ask(["eth_sendTransaction", { from: addressOf("stranger"), to: harness.bench.coin, data, nonce, ...fees }]);
      await ask(["evm_mine"]);
      return await sending;
    });
    assert.equal(sent.kind, "replaced");
    assert.match(
      "message" in sent ? sent.message : "",
      /^Cannot deposit 5: another transaction of 0x\w+ took nonce \d+$/,
    );
  });

  it("says that it cannot tell where no block comes in time, and goes on after that", async () => {
    const sent = await withoutBlocks(() => harness.open("stranger", { boundMs: 60 }).send(DEPOSIT));
    assert.equal(sent.kind, "unknown");
    assert.match("message" in sent ? sent.message : "", /look at the chain before it is made again$/);
    const next: Sent = await harness.chainOf("stranger").send(DEPOSIT);
    assert.equal(next.kind, "mined");
  });

  it("gives the reason of a call that a block has as refused", async () => {
    const chain = harness.chainOf("publisher");
    const amount = 100n;
    await chain.send({ kind: "deposit", account: addressOf("publisher"), amount });
    const sent = await withoutBlocks(async () => {
      const whole = { kind: "withdraw", amount, to: addressOf("publisher") } as const;
      const other = { ...whole, amount: 60n };
      const all = [chain.send(other)];
      await new Promise((resolve) => setImmediate(resolve));
      // Estimated on what is in blocks, where both would do; then only the first does.
      const blind = harness.open("publisher", { node: onLatest(createEvmNode({ url: harness.bench.chain.url })) });
      for (;;) {
        const [count] = await ask(["eth_getTransactionCount", addressOf("publisher"), "pending"]);
        const [mined] = await ask(["eth_getTransactionCount", addressOf("publisher"), "latest"]);
        if (Number(count) > Number(mined)) break;
      }
      all.push(blind.send(whole));
      for (;;) {
        const [count] = await ask(["eth_getTransactionCount", addressOf("publisher"), "pending"]);
        const [mined] = await ask(["eth_getTransactionCount", addressOf("publisher"), "latest"]);
        if (Number(count) - Number(mined) === 2) break;
      }
      await ask(["evm_mine"]);
      return await Promise.all(all);
    });
    assert.equal(sent[0]?.kind, "mined");
    assert.deepEqual(sent[1], {
      kind: "refused",
      refusal: "InsufficientBalance",
      message: "Cannot withdraw 100: the account has 40 and needs 100; deposit more",
    });
  });

  for (const [what, node, why] of [
    ["is synchronising", { eth_syncing: { currentBlock: "0x1" } }, /^the node is synchronising$/],
    ["is of another chain", { eth_chainId: "0x1" }, /^the node is of chain 1, not 31337$/],
    [
      "answers by an error",
      { eth_syncing: new NodeRefused("header not found") },
      /^the node answers "header not found"$/,
    ],
  ] as const)
    it(`knows nothing of a chain whose node ${what}, and sends nothing`, async () => {
      const real = createEvmNode({ url: harness.bench.chain.url });
      const faulty: EvmNode = {
        ask: async (method, params) => {
          const answer = (node as Record<string, unknown>)[method];
          if (answer instanceof Error) throw answer;
          return answer ?? (await real.ask(method, params));
        },
      };
      const chain = harness.open("stranger", { node: faulty });
      const had = await balance();
      const reading = await chain.read({ accounts: [addressOf("stranger")] }, "finalized");
      assert.ok(reading.kind === "unknown");
      assert.match(reading.why, why);
      assert.equal((await chain.send(DEPOSIT)).kind, "unsent");
      assert.equal(await balance(), had);
    });

  it("knows nothing of a chain whose newest block is too old", async () => {
    const clock = createSystemClock();
    const late = { ...clock, now: () => clock.now() + 400 * 86_400_000 };
    const reading = await harness.open("stranger", { clock: late }).read({}, "latest");
    assert.ok(reading.kind === "unknown");
    assert.match(reading.why, /^the newest block of the node is \d+ s old$/);
  });

  it("says nothing of the address of a node that is not there, which may hold a key", async () => {
    const node = createEvmNode({ url: "http://127.0.0.1:9/secret-key", timeoutMs: 500 });
    const reading = await harness.open("stranger", { node }).read({}, "latest");
    assert.deepEqual(reading, { kind: "unknown", why: "the node cannot be reached" });
  });
});

/** Asks for gas by what is in blocks, without what waits. */
function onLatest(node: EvmNode): EvmNode {
  return { ask: (method, params) => node.ask(method, method === "eth_estimateGas" ? [params[0], "latest"] : params) };
}
