import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Digest } from "../lease/terms.ts";
import { addressOf, KEYS } from "../testing/chain/chain-harness.ts";
import { append, type Entry, emptyHead } from "./ledger.ts";
import { agreeTo, signVoucher, takeVoucher } from "./vouchers.ts";

const LEASE: Digest = `0x${"7".repeat(64)}`;
const PRICES = { cpu: 1_500_000_000n };
const domain = { chainId: 31_337, contract: addressOf("session") };
const terms = { lease: LEASE, publisher: addressOf("publisher"), domain };

describe("takeVoucher", () => {
  const sign = (total: bigint) => signVoucher({ lease: LEASE, total, upTo: 5 }, { key: KEYS.publisher, domain });

  it("holds the best of what the publisher signed, in whatever order it comes", async () => {
    const [small, big] = [await sign(7n), await sign(9n)];
    assert.equal(await takeVoucher(undefined, small, terms), small);
    assert.equal(await takeVoucher(small, big, terms), big);
    assert.equal(await takeVoucher(big, small, terms), big);
  });

  it("refuses what the publisher did not sign for this lease and contract", async () => {
    const good = await sign(9n);
    const foreign = await signVoucher(good, { key: KEYS.stranger, domain });
    const elsewhere = await signVoucher(good, { key: KEYS.publisher, domain: { ...domain, chainId: 1 } });
    for (const bad of [foreign, elsewhere, { ...good, total: 10n }, { ...good, signature: "0x12" } as const])
      await assert.rejects(takeVoucher(good, bad, terms), { code: "permission_denied" });
    const other = { ...good, lease: `0x${"8".repeat(64)}` } as const;
    await assert.rejects(takeVoucher(good, other, terms), { code: "invalid_argument" });
  });
});

describe("agreeTo", () => {
  const entries: Entry[] = [];
  let head = emptyHead(LEASE);
  for (const from of [1_000, 1_010]) {
    const made = append(head, { from, to: from + 5, reserved: { cpu: 1n }, used: {} }, PRICES);
    entries.push(made.entry);
    head = made.head;
  }
  const agreement = { head: emptyHead(LEASE), prices: PRICES, startedAt: 1_000, now: 1_020, most: 100n };

  it("comes to the provider's total by the publisher's own prices, from where it agreed before", () => {
    const first = agreeTo(entries.slice(0, 1), agreement);
    assert.deepEqual(first.voucher, { lease: LEASE, total: 8n, upTo: 1_005 });
    const second = agreeTo(entries.slice(1), { ...agreement, head: first.head });
    assert.deepEqual(second.voucher, { lease: LEASE, total: 15n, upTo: 1_010 }, "as if there were no gap");
  });

  for (const [what, change, message] of [
    ["other prices", { prices: { cpu: 1n } }, undefined],
    ["time before service", { startedAt: 1_001 }, /line 1 begins at 1000, before service began at 1001$/],
    ["time that is to come", { now: 900 }, /it ends at 1015, and it is 900$/],
    ["more than the most", { most: 14n }, /it comes to 15, the most is 14$/],
  ] as const)
    it(`refuses ${what}, or pays by its own prices`, () => {
      if (message === undefined) assert.equal(agreeTo(entries, { ...agreement, ...change }).voucher.total, 1n);
      else assert.throws(() => agreeTo(entries, { ...agreement, ...change }), { code: "failed_precondition", message });
    });

  it("refuses lines that are no chain", () => {
    assert.throws(() => agreeTo(entries.slice(1), agreement), { code: "data_loss" });
  });
});
