import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";
import type { ChainCall } from "../../chain/calls.ts";
import type { ChainNews, ChainQuery, ChainState, Cursor, LeaseChain, Sent } from "../../chain/lease-chain.ts";
import { type Digest, NO_DIGEST, type Terms } from "../../lease/terms.ts";
import { leaseName } from "../../lease/typed-data.ts";
import { emptyHead } from "../../meter/ledger.ts";
import { nextClaim } from "../../meter/next-claim.ts";
import { signVoucher } from "../../meter/vouchers.ts";
import { addressOf, type ChainHarness, KEYS, type Party, signAs, termsOf, WALLET } from "./chain-harness.ts";

let quotes = 0;

/** Cases that every chain of leases passes, over one harness. */
export function chainCases(harness: () => ChainHarness): void {
  it("carries a lease from its opening to its settlement, and tells what became of it", async () => {
    const { world, terms, lease } = await opened(harness(), 10_000n);
    await world.mined("provider", { kind: "start", terms, session: addressOf("session") });
    const started = (await world.look({ leases: [lease] })).leases[0];
    assert.equal(started?.stage, "Active");
    await world.pass(40);
    const beat = await world.beat(lease, 40);
    await world.mined("stranger", { kind: "show", terms, ...beat });
    const voucher = { lease, total: 50n, upTo: beat.beat.madeAt };
    const signature = await signAs("publisher", world.domain, { primaryType: "Voucher", message: voucher });
    await world.mined("provider", { kind: "redeem", terms, total: 50n, upTo: voucher.upTo, signature });
    await world.mined("provider", { kind: "propose", terms, total: 80n, ...(await world.beat(lease, 40)) });
    await world.refused("provider", { kind: "collect", terms }, "TooEarly", /^Cannot collect lease 0x[\da-f]{8}…: /);
    await world.pass(121);
    await world.mined("stranger", { kind: "collect", terms });
    await world.mined("stranger", { kind: "deposit", account: addressOf("stranger"), amount: 10n });
    await world.mined("stranger", { kind: "challenge", terms });
    await world.pass(5);
    await world.mined("provider", { kind: "answer", terms, ...(await world.beat(lease, 100)) });
    await world.mined("publisher", { kind: "close", terms });
    await world.refused("stranger", { kind: "settle", terms }, "TooEarly", /^Cannot settle lease /);
    await world.pass(301);
    await world.mined("stranger", { kind: "settle", terms });
    const end = await world.look({ leases: [lease], accounts: [addressOf("publisher"), addressOf("provider")] });
    assert.equal(end.leases[0]?.stage, "Settled");
    assert.equal(end.leases[0]?.paid, 200n);
    assert.equal(end.accounts[0]?.balance, world.publisher.balance - 200n);
    assert.equal(end.accounts[1]?.balance, world.provider.balance + 210n);
    const told = await eventsOf(world.chain("stranger"), lease);
    const names = told.map(({ event }) => event.name).join(" ");
    assert.equal(names, "Opened Started Shown Paid Shown Proposed Paid Challenged Shown Answered Noticed Settled");
    assert.deepEqual(told[0]?.event.fields["terms"], terms);
    assert.deepEqual(told.at(-1)?.event.fields, { earned: 200n, refunded: 9_800n, forfeited: 0n });
  });

  it("has a provider that goes dark lose of its bond, and says so", async () => {
    const { world, terms, lease } = await opened(harness(), 1_000n);
    await world.mined("provider", { kind: "start", terms, session: addressOf("session") });
    await world.mined("stranger", { kind: "deposit", account: addressOf("stranger"), amount: 10n });
    await world.pass(31);
    await world.mined("stranger", { kind: "challenge", terms });
    await world.refused("stranger", { kind: "fail", terms }, "TooEarly", /^Cannot fail lease /);
    await world.pass(61);
    await world.refused("provider", { kind: "answer", terms, ...(await world.beat(lease, 1)) }, "TooLate", /until/);
    await world.mined("stranger", { kind: "fail", terms });
    await world.pass(20);
    // A sign of the return says nothing of the darkness before it.
    await world.refused(
      "provider",
      { kind: "show", terms, ...(await world.beat(lease, 0)) },
      "BadBeat",
      /after the default|beat/,
    );
    await world.pass(1_000);
    await world.mined("publisher", { kind: "settle", terms });
    const end = await world.look({ leases: [lease], accounts: [addressOf("provider")] });
    assert.equal(end.leases[0]?.paid, 0n);
    assert.equal(end.accounts[0]?.stake.locked, 0n);
    const settled = (await eventsOf(world.chain("publisher"), lease)).at(-1);
    assert.deepEqual(settled?.event.fields, { earned: 0n, refunded: 1_000n, forfeited: 500n });
  });

  it("refuses in words, and changes nothing", async () => {
    const { world, terms } = await opened(harness(), 100n);
    const before = await world.look({ leases: [leaseName(terms)], accounts: [addressOf("publisher")] });
    const reopen = { kind: "open", terms, quote: "0x", payer: addressOf("publisher"), amount: 1n } as const;
    await world.refused("publisher", reopen, "WrongState", /^Cannot open lease 0x[\da-f]{8}…: it is /);
    await world.refused("stranger", { kind: "cancel", terms }, "NotYours", /is not the one that may$/);
    await world.refused(
      "provider",
      { kind: "withdraw", amount: 10n ** 20n, to: addressOf("provider") },
      "InsufficientBalance",
      /^Cannot withdraw 1/,
    );
    await world.refused("provider", { kind: "unregister" }, "NotRegistered", /^Cannot unregister: /);
    await world.refused("provider", { kind: "register", url: "", profile: NO_DIGEST }, "BadUrl", /1 to 256 bytes/);
    await world.mined("stranger", { kind: "approve", amount: 0n });
    const deposit = { kind: "deposit", account: addressOf("stranger"), amount: 5n } as const;
    await world.refused("stranger", deposit, "ERC20InsufficientAllowance", /approve it first$/);
    await world.mined("stranger", { kind: "approve", amount: 2n * WALLET });
    await world.refused(
      "stranger",
      { ...deposit, amount: WALLET + 1n },
      "ERC20InsufficientBalance",
      /^Cannot deposit /,
    );
    assert.deepEqual(await world.look({ leases: [leaseName(terms)], accounts: [addressOf("publisher")] }), before);
    await world.mined("provider", { kind: "cancel", terms });
  });

  it("registers providers, and gives stake back when its time has come", async () => {
    const world = await worldOf(harness());
    await world.mined("provider", { kind: "register", url: "https://one.test", profile: NO_DIGEST });
    const entry = { provider: addressOf("provider"), url: "https://one.test", profile: NO_DIGEST };
    assert.deepEqual((await world.look({ providers: true })).providers, [entry]);
    await world.mined("provider", { kind: "unregister" });
    assert.deepEqual((await world.look({ providers: true })).providers, []);
    const query = { accounts: [addressOf("provider")] };
    const before = (await world.look(query)).accounts[0];
    await world.mined("provider", { kind: "unstake", amount: 7n });
    await world.refused("provider", { kind: "unbond" }, "StillUnbonding", /^Cannot unbond: the stake leaves /);
    await world.pass(8 * 86_400 + 1);
    await world.mined("provider", { kind: "unbond" });
    const after = (await world.look(query)).accounts[0];
    assert.equal(after?.balance, (before?.balance ?? 0n) + 7n);
    assert.equal(after?.stake.free, (before?.stake.free ?? 0n) - 7n);
  });

  it("reads at the block that is asked for: what is new is latest first, then safe, then finalized", async () => {
    const world = await worldOf(harness());
    const chain = world.chain("stranger");
    const query = { accounts: [addressOf("stranger")] };
    const balanceAt = async (at: "latest" | "safe" | "finalized") => {
      const reading = await chain.read(query, at);
      assert.ok(reading.kind === "known");
      return [reading.state.accounts[0]?.balance, reading.block.number] as const;
    };
    const [had] = await balanceAt("latest");
    await world.pass(1);
    await world.pass(1);
    const sent = await world.mined("stranger", { kind: "deposit", account: addressOf("stranger"), amount: 3n });
    const now = (had ?? 0n) + 3n;
    assert.deepEqual(await balanceAt("latest"), [now, sent.block.number]);
    assert.deepEqual(await balanceAt("safe"), [had, sent.block.number - 1]);
    await world.pass(1);
    assert.deepEqual(await balanceAt("safe"), [now, sent.block.number]);
    assert.deepEqual(await balanceAt("finalized"), [had, sent.block.number - 1]);
    await world.pass(1);
    assert.deepEqual(await balanceAt("finalized"), [now, sent.block.number]);
  });

  it("takes back what a reorganisation undid, for whoever follows and for whoever comes back", async () => {
    const { world, terms, lease } = await opened(harness(), 100n);
    const chain = world.chain("stranger");
    const cursor = await reached(chain, undefined);
    const undo = await world.harness.mark();
    await world.mined("provider", { kind: "start", terms, session: addressOf("session") });
    const ahead = await reached(chain, cursor);
    const stop = new AbortController();
    const live = chain.follow({ from: cursor, signal: stop.signal })[Symbol.asyncIterator]();
    assert.deepEqual(await nextName(live), "Started");
    assert.deepEqual(await nextName(live), "reached");
    await undo();
    const kept = cursor.seen.at(-1)?.hash;
    const withdrawn = (await live.next()).value as ChainNews;
    assert.ok(withdrawn.kind === "withdrawn" && withdrawn.after?.hash === kept, inspect(withdrawn));
    assert.equal((await world.look({ leases: [lease] })).leases[0]?.stage, "Open");
    await world.mined("publisher", { kind: "cancel", terms });
    const names: string[] = [];
    while (names.at(-1) !== "Cancelled") names.push(await nextName(live));
    assert.deepEqual(
      names.filter((name) => name !== "reached"),
      ["Cancelled"],
    );
    stop.abort();
    await live.return?.(undefined);
    const back: ChainNews[] = [];
    for await (const news of followed(chain, ahead)) back.push(news);
    assert.equal(back[0]?.kind, "withdrawn");
    assert.deepEqual(
      back.flatMap((news) => (news.kind === "event" ? [news.event.name] : [])),
      ["Cancelled"],
    );
  });

  it("is asked again for what a reorganisation undid, and pays it once", async () => {
    const { world, terms, lease } = await opened(harness(), 1_000n);
    await world.mined("provider", { kind: "start", terms, session: addressOf("session") });
    await world.pass(40);
    const { beat } = await world.beat(lease, 40);
    const wish = { lease, total: 60n, upTo: beat.madeAt };
    const voucher = await signVoucher(wish, { key: KEYS.publisher, domain: world.domain });
    const [chain, query] = [world.chain("provider"), { leases: [lease] }];
    const claim = async () => {
      const [latest, finalized] = [await chain.read(query, "latest"), await chain.read(query, "finalized")];
      return nextClaim({ terms, latest, finalized, head: emptyHead(lease), voucher, dust: 1n });
    };
    const redeemed = async () => {
      const next = await claim();
      assert.ok(next.kind === "call" && next.call.kind === "redeem", inspect(next));
      await world.mined("provider", next.call);
      assert.equal((await claim()).kind, "nothing");
    };
    const undo = await world.harness.mark();
    await redeemed();
    await undo();
    await redeemed();
    assert.equal((await world.look(query)).leases[0]?.paid, 60n);
  });

  it("says that it knows nothing where the node is not reached, and never makes a state of it", async () => {
    const world = await worldOf(harness());
    const chain = world.chain("stranger");
    const cursor = await reached(chain, undefined);
    const stop = new AbortController();
    const live = chain.follow({ from: cursor, signal: stop.signal })[Symbol.asyncIterator]();
    world.harness.cut(true);
    try {
      assert.deepEqual(await chain.read({ accounts: [addressOf("stranger")] }, "latest"), {
        kind: "unknown",
        why: "the node cannot be reached",
      });
      const sent = await chain.send({ kind: "stake", amount: 1n });
      assert.deepEqual(sent, { kind: "unsent", message: "Cannot stake 1: the node cannot be reached" });
      assert.deepEqual((await live.next()).value, { kind: "unknown", why: "the node cannot be reached" });
    } finally {
      world.harness.cut(false);
    }
    await world.pass(1);
    assert.equal(await nextName(live), "reached");
    stop.abort();
    await live.return?.(undefined);
  });

  it("ends each of many calls at once exactly once, in blocks of their own", async () => {
    const world = await worldOf(harness());
    const query = { accounts: [addressOf("stranger")] };
    const before = (await world.look(query)).accounts[0]?.balance ?? 0n;
    const deposit = { kind: "deposit", account: addressOf("stranger"), amount: 1n } as const;
    const all = await Promise.all(Array.from({ length: 8 }, () => world.chain("stranger").send(deposit)));
    assert.deepEqual(new Set(all.map(({ kind }) => kind)), new Set(["mined"]));
    assert.equal(new Set(all.map((sent) => (sent.kind === "mined" ? sent.transaction : ""))).size, 8);
    assert.equal((await world.look(query)).accounts[0]?.balance, before + 8n);
  });
}

/** A harness with words for what the cases do. */
async function worldOf(harness: ChainHarness) {
  const chain = (party: Party) => harness.chainOf(party);
  const { domain } = chain("publisher");
  const look = async (query: ChainQuery): Promise<ChainState> => {
    const reading = await chain("publisher").read(query, "latest");
    assert.ok(reading.kind === "known", inspect(reading));
    return reading.state;
  };
  const mined = async (party: Party, call: ChainCall): Promise<Extract<Sent, { kind: "mined" }>> => {
    const sent = await chain(party).send(call);
    assert.ok(sent.kind === "mined", `${call.kind}: ${inspect(sent)}`);
    return sent;
  };
  const refused = async (party: Party, call: ChainCall, refusal: string, message: RegExp) => {
    const sent = await chain(party).send(call);
    assert.ok(sent.kind === "refused" && sent.refusal === refusal, `${call.kind}: ${inspect(sent)}`);
    assert.match(sent.message, message);
  };
  const beat = async (lease: Digest, covered: number) => {
    const reading = await chain("publisher").read({ leases: [lease] }, "latest");
    assert.ok(reading.kind === "known");
    const { number, hash, at } = reading.block;
    const made = { lease, madeAt: at, covered, blockNumber: number, blockHash: hash, meter: NO_DIGEST, volume: 1 };
    return { beat: made, signature: await signAs("session", domain, { primaryType: "Beat", message: made }) };
  };
  return { harness, chain, domain, look, mined, refused, beat, pass: harness.pass };
}

/** A world with a lease that is open. */
async function opened(harness: ChainHarness, amount: bigint) {
  const world = await worldOf(harness);
  const reading = await world.chain("publisher").read({}, "latest");
  assert.ok(reading.kind === "known");
  quotes += 1;
  const terms: Terms = termsOf(quotes, reading.block.at);
  const [publisher, provider] = [addressOf("publisher"), addressOf("provider")];
  await world.mined("publisher", { kind: "deposit", account: publisher, amount: 20_000n });
  await world.mined("provider", { kind: "deposit", account: provider, amount: 1_000n });
  await world.mined("provider", { kind: "stake", amount: 1_000n });
  const before = await world.look({ accounts: [publisher, provider] });
  const [its, others] = before.accounts;
  const quote = await signAs("provider", world.domain, { primaryType: "Terms", message: terms });
  await world.mined("publisher", { kind: "open", terms, quote, payer: publisher, amount });
  const balances = { publisher: { balance: its?.balance ?? 0n }, provider: { balance: others?.balance ?? 0n } };
  return { world: { ...world, ...balances }, terms, lease: leaseName(terms) };
}

/** All that is told up to the newest block. */
async function* followed(chain: LeaseChain, from: Cursor | undefined): AsyncIterable<ChainNews> {
  const reading = await chain.read({}, "latest");
  assert.ok(reading.kind === "known");
  const stop = new AbortController();
  for await (const news of chain.follow({ from, signal: stop.signal })) {
    yield news;
    if (news.kind === "reached" && news.block.number >= reading.block.number) stop.abort();
  }
}

async function reached(chain: LeaseChain, from: Cursor | undefined): Promise<Cursor> {
  let cursor = from ?? { seen: [] };
  for await (const news of followed(chain, from)) if (news.kind === "reached") cursor = news.cursor;
  return JSON.parse(JSON.stringify(cursor)) as Cursor;
}

async function eventsOf(chain: LeaseChain, lease: Digest) {
  const found: Extract<ChainNews, { kind: "event" }>[] = [];
  for await (const news of followed(chain, undefined)) {
    if (news.kind === "event" && news.event.lease === lease) found.push(news);
  }
  return found;
}

async function nextName(live: AsyncIterator<ChainNews>): Promise<string> {
  const news = (await live.next()).value as ChainNews;
  return news.kind === "event" ? news.event.name : news.kind;
}
