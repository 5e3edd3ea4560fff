import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ModelNode } from "@orrery/sim";
import { servedSeconds } from "../lease/lease-state.ts";
import { signVoucher } from "../meter/vouchers.ts";
import { WHO } from "../testing/keeper/lease-scene.ts";
import { callsOf, openSceneWorld } from "../testing/keeper/scene-world.ts";
import { worldSigner } from "../testing/keeper/world-signatures.ts";
import { type KeeperNews, type LeaseKeeper, openLeaseKeeper } from "./lease-keeper.ts";

/** A provider and its lease in a world; `serves` and `node` are for a test to change. */
async function keeping(options: { deposit: bigint; dust?: bigint; keepS?: number }) {
  const it = await openSceneWorld({ seed: 3, deposit: options.deposit });
  const { world, scene } = it;
  const pod = { serves: true, proves: true, steps: [] as string[] };
  const news: KeeperNews[] = [];
  let keeper: LeaseKeeper | undefined;
  const run = async (node: ModelNode) => {
    const own = it.keeperOf(node);
    keeper = await openLeaseKeeper({
      ...own,
      usage: async () => (pod.serves ? await own.usage() : undefined),
      prove: async () => pod.proves,
      act: async ({ step }) => {
        pod.steps.push(step);
        pod.serves = step === "run" || step === "warn";
      },
      dust: options.dust,
      periods: { warnS: 60, keepS: options.keepS ?? 3_600 },
      onNews: (one) => news.push(one),
    });
  };
  const provider = world.node("provider", { run });
  await world.start();
  await world.run({ forMs: 1 });
  const voucher = (total: bigint, upTo: number) =>
    signVoucher(
      { lease: scene.lease, total, upTo },
      { key: worldSigner(WHO.publisher), domain: scene.chain.memory.domain },
    );
  return {
    ...{ ...it, pod, news, provider, voucher },
    keeper: () => keeper as LeaseKeeper,
    restart: () => run(provider),
    calls: () => callsOf(news),
  };
}

describe("openLeaseKeeper", () => {
  it("proposes and collects what a silent publisher owes, and tells a deposit that is used up before processes stop", async () => {
    const it = await keeping({ deposit: 1_000n });
    await it.pass(400);
    assert.ok((await it.scene.state()).paid > 0n, "some of it is paid");
    await it.pass(500);
    const { stage, paid, startedAt, lastBeat } = await it.scene.state();
    assert.deepEqual(it.pod.steps.slice(0, 2), ["warn", "suspend"]);
    assert.ok(["Overdrawn", "Settled"].includes(stage), stage);
    assert.ok(
      lastBeat - startedAt >= 500 - 30 && lastBeat - startedAt < 700,
      "it was served for what was paid, and little longer",
    );
    await it.pass(600);
    assert.equal((await it.scene.state()).paid, 1_000n, `all was earned, ${paid} of it before`);
    assert.equal(it.keeper().standing().step, "keep");
    await it.pass(3_600);
    assert.equal(it.keeper().standing().step, "delete");
    it.end();
  });

  it("redeems vouchers, where they are worth it, and loses none with its process", async () => {
    const it = await keeping({ deposit: 10_000n, dust: 150n });
    await it.pass(60);
    const { startedAt } = await it.scene.state();
    assert.equal(await it.keeper().take(await it.voucher(100n, startedAt + 50)), 100n);
    assert.equal(await it.keeper().take(await it.voucher(90n, startedAt + 45)), 100n);
    await it.pass(20);
    assert.deepEqual(it.calls(), [], "100 are less than dust");
    await it.keeper().take(await it.voucher(160n, startedAt + 80));
    it.provider.crash();
    await it.pass(200);
    assert.deepEqual(it.calls(), []);
    await it.world.settle(it.provider.restart());
    await it.restart();
    assert.equal(await it.keeper().take(await it.voucher(90n, startedAt + 45)), 160n);
    await it.pass(40);
    assert.deepEqual([it.calls(), (await it.scene.state()).paid], [["redeem"], 160n]);
    const [first, second] = await it.keeper().linesAfter(0);
    assert.deepEqual([first?.number, second?.number], [1, 2], "lines from before are there");
    assert.deepEqual((await it.keeper().linesAfter(1))[0], second);
    it.end();
  });

  it("answers a challenge, and has the challenger's bond", async () => {
    const it = await keeping({ deposit: 10_000n, dust: 5_000n });
    await it.pass(60);
    await it.scene.chain.make({ kind: "challenge", terms: it.scene.terms }, WHO.stranger);
    await it.pass(40);
    assert.deepEqual(it.calls(), ["answer"]);
    assert.equal((await it.scene.state()).answerBy, 0);
    it.end();
  });

  it("makes no beat while nothing comes back from the facade, and returns when it does", async () => {
    const it = await keeping({ deposit: 10_000n, dust: 5_000n });
    await it.pass(60);
    it.pod.proves = false;
    const before = it.keeper().beat()?.beat.madeAt;
    await it.scene.chain.make({ kind: "challenge", terms: it.scene.terms }, WHO.stranger);
    await it.pass(100);
    assert.equal(it.keeper().beat()?.beat.madeAt, before);
    const told =
      "darkness is counted until it returns, so it does not wait for others; and what was proven before counts";
    assert.deepEqual(it.calls(), ["fail", "show"], told);
    it.pod.proves = true;
    await it.pass(40);
    assert.deepEqual(it.calls(), ["fail", "show", "comeBack"]);
    assert.notEqual((await it.scene.state()).returnedAt, 0);
    it.end();
  });

  it("meters on while the chain is unknown, and does nothing else, for however long", async () => {
    const it = await keeping({ deposit: 1_000n });
    await it.pass(60);
    it.node.reach = "cut";
    await it.pass(9_000);
    assert.ok(it.keeper().head().covered > 9_000);
    assert.deepEqual([it.pod.serves, it.keeper().standing().step], [true, "run"]);
    assert.match(String(it.keeper().standing().frozen), /^the chain is unknown: the node is not reached/);
    assert.equal(it.keeper().fundsUntil(), undefined);
    it.node.reach = "ok";
    await it.pass(400);
    assert.deepEqual(it.pod.steps.slice(0, 2), ["warn", "suspend"]);
    it.end();
  });

  it("serves again when money comes for what was suspended, and does not meter the time between", async () => {
    const it = await keeping({ deposit: 300n });
    await it.world.until(() => it.pod.steps.includes("suspend"), { withinMs: 600_000 });
    const { covered } = it.keeper().head();
    await it.pass(60);
    await it.scene.chain.make({ kind: "fund", terms: it.scene.terms, amount: 5_000n }, WHO.publisher);
    await it.pass(60);
    assert.deepEqual(it.pod.steps.slice(-1), ["run"]);
    assert.ok(it.keeper().head().covered - covered < 60);
    it.end();
  });

  it("gives notice, serves until it ends, and settles", async () => {
    const it = await keeping({ deposit: 10_000n, dust: 5_000n });
    await it.pass(30);
    const closing = it.keeper().close();
    assert.equal((await it.world.settle(closing)).kind, "mined");
    await it.pass(700);
    const state = await it.scene.state();
    assert.equal(state.stage, "Settled");
    assert.equal(servedSeconds(state), it.keeper().head().covered, "every second that was metered is proven");
    assert.equal(state.paid, 2n * BigInt(it.keeper().head().covered));
    assert.ok(state.endsAt - state.startedAt - it.keeper().head().covered < 30, "it served to the end");
    it.end();
  });
});
