import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { penaltyOf } from "../lease/dues.ts";
import { append, emptyHead, totalOf } from "../meter/ledger.ts";
import { PRICES, WEALTH, WHO } from "../testing/keeper/lease-scene.ts";
import { callsOf, openSceneWorld } from "../testing/keeper/scene-world.ts";
import { worldSigner } from "../testing/keeper/world-signatures.ts";
import {
  type FollowerNews,
  type FollowerRecord,
  type LeaseFollower,
  openLeaseFollower,
  type TopUp,
} from "./lease-follower.ts";
import { type LeaseKeeper, openLeaseKeeper } from "./lease-keeper.ts";
import { createMemoryRecordStore } from "./record-store.ts";

/** A lease with both its sides in a world. */
async function following(options: { deposit: bigint; topUp?: TopUp; limit?: bigint }) {
  const it = await openSceneWorld({ seed: 5, deposit: options.deposit });
  const { world, common } = it;
  const store = createMemoryRecordStore<FollowerRecord>();
  const news: FollowerNews[] = [];
  const parts: { keeper: LeaseKeeper | undefined; follower: LeaseFollower | undefined } = {
    keeper: undefined,
    follower: undefined,
  };
  const kept = () => {
    if (parts.keeper === undefined) throw new Error("the provider is not reached");
    return parts.keeper;
  };
  const provider = world.node("provider");
  const publisher = world.node("publisher");
  await world.start();
  const keep = async () => {
    parts.keeper = await openLeaseKeeper(it.keeperOf(provider));
  };
  const follow = async () => {
    parts.follower = await openLeaseFollower({
      ...{ ...common, chain: it.chainOf("publisher", publisher), clock: publisher.clock },
      ...{ key: worldSigner(WHO.publisher), store, topUp: options.topUp, limit: options.limit },
      source: {
        linesAfter: async (number) => await kept().linesAfter(number),
        beat: async () => kept().beat(),
        vouch: async (voucher) => await kept().take(voucher),
      },
      onNews: (one) => news.push(one),
    });
  };
  const stop = async (name: "keeper" | "follower") => {
    const part = parts[name];
    parts[name] = undefined;
    await world.settle(Promise.resolve(part?.stop()));
  };
  return { ...it, news, parts, keep, follow, stop, kept, calls: () => callsOf(news) };
}

describe("openLeaseFollower", () => {
  it("agrees to what beats prove, by whose vouchers the provider is paid, and to no second of a restart", async () => {
    const it = await following({ deposit: 10_000n });
    await it.keep();
    await it.follow();
    await it.pass(200);
    assert.ok((it.parts.follower?.voucher()?.total ?? 0n) >= 300n);
    await it.stop("keeper");
    await it.pass(80); // Longer than a stretch, shorter than is dark.
    await it.keep();
    await it.pass(200);
    await it.world.settle(it.parts.follower?.close() ?? Promise.resolve());
    await it.pass(700);
    const state = await it.scene.state();
    assert.equal(state.stage, "Settled");
    assert.equal(state.paid, totalOf(it.kept().head()), "what was metered, to the unit");
    assert.ok(state.endsAt - state.startedAt - it.kept().head().covered > 60, "and nothing of the gap");
    await it.world.settle(it.parts.follower?.ended ?? Promise.resolve());
    it.end();
  });

  it("finds a provider that is dark for good, and has its compensation by the curve", async () => {
    const it = await following({ deposit: 10_000n });
    await it.keep();
    await it.follow();
    await it.pass(120);
    await it.stop("keeper");
    await it.pass(900);
    const state = await it.scene.state();
    assert.deepEqual(it.calls(), ["challenge", "fail", "settle"]);
    assert.ok(state.paid <= 300n, "for two minutes, and not for darkness");
    const forfeited = it.scene.terms.bond;
    assert.equal(penaltyOf(it.scene.terms, 300, state.paid), forfeited, "the bond is less than the curve");
    assert.equal(
      await it.scene.worth("publisher"),
      WEALTH - state.paid + forfeited,
      "its own share as challenger included",
    );
    it.end();
  });

  it("challenges nobody who was not reached at its first look alone", async () => {
    const it = await following({ deposit: 10_000n });
    await it.keep();
    await it.pass(200);
    const keeper = it.kept();
    it.parts.keeper = undefined;
    await it.follow();
    await it.pass(10);
    it.parts.keeper = keeper;
    await it.pass(200);
    assert.deepEqual(it.calls(), []);
    assert.equal(it.news.filter(({ kind }) => kind === "dark").length, 0);
    assert.ok((it.parts.follower?.voucher()?.total ?? 0n) > 200n, "and agrees to what it serves");
    it.end();
  });

  it("challenges by two looks in a row, and by none at which the chain is not reached", async () => {
    const it = await following({ deposit: 10_000n });
    await it.keep();
    await it.pass(200);
    await it.stop("keeper");
    await it.pass(100);
    await it.follow();
    await it.pass(5);
    it.node.reach = "cut";
    await it.pass(15);
    it.node.reach = "ok";
    await it.pass(15);
    assert.deepEqual(it.calls(), [], "one look, one of which nothing follows, one look");
    await it.pass(15);
    assert.deepEqual(it.calls(), ["challenge"]);
    it.end();
  });

  it("challenges before service ends, however little time is left when it begins to look", async () => {
    const it = await following({ deposit: 10_000n });
    await it.keep();
    await it.pass(200);
    await it.stop("keeper");
    await it.scene.chain.make({ kind: "close", terms: it.scene.terms }, WHO.publisher);
    const { endsAt } = await it.scene.state();
    await it.pass(endsAt - it.scene.chain.memory.newest().at - 10);
    await it.follow();
    await it.pass(300);
    assert.deepEqual(it.calls(), ["challenge", "fail", "settle"]);
    it.end();
  });

  it("loses nothing while it is away for hours: what was proven is paid, and agreed to when it is back", async () => {
    const it = await following({ deposit: 50_000n });
    await it.keep();
    await it.follow();
    await it.pass(60);
    await it.stop("follower");
    await it.pass(10_000);
    const { paid } = await it.scene.state();
    assert.ok(paid > 19_000n && paid <= 20_200n, `${paid} by proposals`);
    await it.follow();
    await it.pass(60);
    assert.ok((it.parts.follower?.voucher()?.total ?? 0n) > 20_100n);
    assert.deepEqual(it.calls(), [], "no challenge of one that serves");
    it.end();
  });

  it("puts money in while it may, and not more", async () => {
    const it = await following({ deposit: 300n, topUp: { belowS: 60, amount: 400n, most: 1_000n } });
    await it.keep();
    await it.follow();
    await it.pass(900);
    assert.deepEqual(
      it.calls().filter((call) => call === "fund"),
      ["fund", "fund"],
    );
    assert.equal((await it.scene.state()).deposit, 1_100n);
    it.end();
  });

  it("agrees to no more than its limit", async () => {
    const it = await following({ deposit: 10_000n, limit: 100n });
    await it.keep();
    await it.follow();
    await it.pass(300);
    const total = it.parts.follower?.voucher()?.total ?? 0n;
    assert.ok(total > 50n && total <= 100n, `${total}`);
    it.end();
  });

  it("takes a claim that the ledger has, and that is beyond what is agreed to, for no false one", async () => {
    const it = await following({ deposit: 305n, limit: 200n });
    await it.keep();
    for (let seconds = 0; seconds < 400 && (await it.scene.state()).proposed <= 200n; seconds += 5) await it.pass(5);
    assert.ok((await it.scene.state()).proposed > 200n);
    await it.follow();
    await it.pass(20);
    const total = it.parts.follower?.voucher()?.total ?? 0n;
    assert.ok(total > 100n && total <= 200n, `${total}`);
    assert.equal(it.calls().includes("challenge"), false);
    assert.deepEqual(
      it.news.filter(({ kind }) => kind === "false-claim"),
      [],
    );
    it.end();
  });

  it("challenges a claim that the provider's own ledger does not have, and gives notice when it is repeated", async () => {
    const it = await following({ deposit: 10_000n });
    await it.keep();
    await it.follow();
    await it.pass(100);
    const head = it.kept().head();
    const shown = it.kept().beat();
    assert.ok(shown);
    // The contract lets no more be claimed than was proven; a ledger that is shown with less is a lie all the same.
    const cheap = append(
      emptyHead(it.scene.lease),
      { from: head.to - 10, to: head.to, reserved: { cpu: 1n }, used: {} },
      PRICES,
    );
    const keeper = it.kept();
    await it.stop("follower");
    it.parts.keeper = { ...bound(keeper), linesAfter: async () => [cheap.entry], take: async () => 0n } as LeaseKeeper;
    await it.pass(40);
    const proposal = {
      kind: "propose",
      terms: it.scene.terms,
      total: 2n * BigInt(shown.beat.covered),
      ...shown,
    } as const;
    const { lastBeat } = await it.scene.state();
    if (shown.beat.madeAt >= lastBeat) await it.scene.chain.make(proposal, WHO.provider);
    await it.follow();
    await it.pass(200);
    assert.ok(it.news.some(({ kind }) => kind === "false-claim" || kind === "refused"));
    assert.ok(it.parts.follower?.voucher()?.total !== undefined);
    it.end();
  });
});

function bound(keeper: LeaseKeeper) {
  return {
    head: () => keeper.head(),
    beat: () => keeper.beat(),
    standing: () => keeper.standing(),
    fundsUntil: () => keeper.fundsUntil(),
    close: () => keeper.close(),
    stop: () => keeper.stop(),
  };
}
