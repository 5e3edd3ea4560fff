import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ChainCall, Shown } from "../chain/calls.ts";
import { MemoryChain } from "../chain/memory/memory-chain.ts";
import { NO_DIGEST } from "../lease/terms.ts";
import { leaseName } from "../lease/typed-data.ts";
import { addressOf, KEYS, type Party, signAs, termsOf } from "../testing/chain/chain-harness.ts";
import { append, emptyHead, type Head } from "./ledger.ts";
import { type Claim, nextClaim } from "./next-claim.ts";
import { type SignedVoucher, signVoucher } from "./vouchers.ts";

const START = 2_000_000_000;
/** Two units a second: the rate of the terms. */
const PRICES = { cpu: 2_000_000_000n };

/** A lease that runs, on a chain whose time is set by hand. */
async function running(deposit: bigint) {
  let nowS = START;
  const memory = new MemoryChain({ clock: { now: () => nowS * 1_000 } as never });
  const send = async (party: Party, call: ChainCall) => {
    const sent = await memory.connect(addressOf(party)).send(call);
    assert.equal(
      sent.kind,
      "mined",
      JSON.stringify(sent, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
    );
  };
  for (const party of ["publisher", "provider", "stranger"] as const) {
    memory.mint(addressOf(party), 10_000n);
    await send(party, { kind: "approve", amount: 10_000n });
    await send(party, { kind: "deposit", account: addressOf(party), amount: 10_000n });
  }
  await send("provider", { kind: "stake", amount: 500n });
  const terms = termsOf(1, START);
  const lease = leaseName(terms);
  const quote = await signAs("provider", memory.domain, { primaryType: "Terms", message: terms });
  await send("publisher", { kind: "open", terms, quote, payer: addressOf("publisher"), amount: deposit });
  await send("provider", { kind: "start", terms, session: addressOf("session") });
  const startedAt = memory.newest().at;
  const read = (at: "latest" | "finalized") => memory.connect(addressOf("provider")).read({ leases: [lease] }, at);
  const paid = async () => {
    const reading = await read("latest");
    return reading.kind === "known" ? reading.state.leases[0]?.paid : undefined;
  };
  const headAt = (seconds: number): Head =>
    append(emptyHead(lease), { from: startedAt, to: startedAt + seconds, reserved: { cpu: 1n }, used: {} }, PRICES)
      .head;
  const shownAt = async (seconds: number): Promise<Shown> => {
    const { number, hash } = memory.newest();
    const beat = {
      lease,
      madeAt: startedAt + seconds,
      covered: seconds,
      blockNumber: number,
      blockHash: hash,
      meter: NO_DIGEST,
      volume: 1,
    };
    return { beat, signature: await signAs("session", memory.domain, { primaryType: "Beat", message: beat }) };
  };
  const claim = async (facts: { head: Head; voucher?: SignedVoucher; shown?: Shown; dust?: bigint }): Promise<Claim> =>
    nextClaim({ terms, latest: await read("latest"), finalized: await read("finalized"), dust: 1n, ...facts });
  const claimed = async (facts: { head: Head; voucher?: SignedVoucher; shown?: Shown }): Promise<string> => {
    const next = await claim(facts);
    if (next.kind === "nothing") return next.why;
    await send("provider", next.call);
    return next.call.kind;
  };
  const pass = (seconds: number) => {
    nowS = memory.newest().at + seconds;
    memory.mine();
  };
  const voucher = (total: bigint, upTo: number) =>
    signVoucher({ lease, total, upTo }, { key: KEYS.publisher, domain: memory.domain });
  return { paid, memory, terms, lease, startedAt, headAt, shownAt, claim, claimed, pass, voucher, read, send };
}

describe("nextClaim", () => {
  it("redeems the publisher's voucher, and once", async () => {
    const lease = await running(1_000n);
    lease.pass(100);
    const voucher = await lease.voucher(200n, lease.startedAt + 100);
    assert.equal(await lease.claimed({ head: lease.headAt(100), voucher }), "redeem");
    assert.equal(await lease.claimed({ head: lease.headAt(100), voucher }), "nothing more is due");
    assert.equal(await lease.paid(), 200n);
  });

  it("proposes what a beat proves where no voucher comes, waits, collects, and leaves dust alone", async () => {
    const lease = await running(1_000n);
    lease.pass(100);
    const facts = { head: lease.headAt(100), shown: await lease.shownAt(60) };
    assert.deepEqual(await lease.claim({ ...facts, dust: 121n }), { kind: "nothing", why: "nothing more is due" });
    assert.equal(await lease.claimed(facts), "propose");
    assert.equal(await lease.claimed(facts), "nothing more is due");
    lease.pass(121);
    assert.equal(await lease.claimed(facts), "collect");
    assert.equal(await lease.paid(), 120n);
  });

  it("does not propose again while a proposal waits, which would put it off for ever", async () => {
    const lease = await running(1_000n);
    lease.pass(100);
    assert.equal(await lease.claimed({ head: lease.headAt(60), shown: await lease.shownAt(60) }), "propose");
    lease.pass(30);
    assert.equal(
      await lease.claimed({ head: lease.headAt(120), shown: await lease.shownAt(120) }),
      "nothing more is due",
    );
  });

  it("says that the deposit is used up only where a block that stays says so", async () => {
    const lease = await running(100n);
    lease.pass(60);
    const voucher = await lease.voucher(100n, lease.startedAt + 60);
    assert.equal(await lease.claimed({ head: lease.headAt(60), voucher }), "redeem");
    assert.equal(await lease.claimed({ head: lease.headAt(60), voucher }), "nothing more is due");
    lease.pass(1);
    lease.pass(1);
    assert.equal(await lease.claimed({ head: lease.headAt(60), voucher }), "drain");
  });

  it("asks again for what a reorganisation undid", async () => {
    const lease = await running(1_000n);
    lease.pass(100);
    const { number } = lease.memory.newest();
    const facts = { head: lease.headAt(100), voucher: await lease.voucher(200n, lease.startedAt + 100) };
    assert.equal(await lease.claimed(facts), "redeem");
    lease.memory.revert(number);
    assert.equal(await lease.claimed(facts), "redeem");
    assert.equal(await lease.claimed(facts), "nothing more is due");
  });

  it("does nothing while the chain is unknown, and nothing of a lease that is over", async () => {
    const lease = await running(100n);
    lease.pass(100);
    const voucher = await lease.voucher(100n, lease.startedAt + 100);
    lease.memory.cut("the node is synchronising");
    const why = "the chain is unknown: the node is synchronising";
    assert.deepEqual(await lease.claim({ head: lease.headAt(100), voucher }), { kind: "nothing", why });
    lease.memory.cut(undefined);
    await lease.send("publisher", { kind: "close", terms: lease.terms });
    lease.pass(400);
    await lease.send("stranger", { kind: "settle", terms: lease.terms });
    assert.deepEqual(await lease.claim({ head: lease.headAt(100), voucher }), {
      kind: "nothing",
      why: "the lease is Settled",
    });
  });
});
