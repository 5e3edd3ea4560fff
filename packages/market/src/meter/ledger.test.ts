import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Digest } from "../lease/terms.ts";
import { append, type Entry, emptyHead, type Head, type Metered, totalOf, verify } from "./ledger.ts";
import { type Prices, rateOf, unitsOf } from "./prices.ts";

const LEASE: Digest = `0x${"5".repeat(64)}`;
const PRICES: Prices = { cpu: 1_543n, memory: 7n, storage: 1n, egress: 40n, ingress: 0n, ip: 9_999n };
const START = 2_000_000_000;

const small = fc.bigInt(0n, 1_000_000n);
const stretch = fc.record({
  gap: fc.nat(100),
  seconds: fc.integer({ min: 1, max: 5_000 }),
  reserved: fc.record({ cpu: small, memory: small, storage: small }),
  used: fc.record({ egress: small, ingress: small }),
});

function ledgerOf(stretches: readonly { gap: number; seconds: number; reserved: object; used: object }[]) {
  const entries: Entry[] = [];
  let head: Head = emptyHead(LEASE);
  for (const { gap, seconds, reserved, used } of stretches) {
    const from = (head.to === 0 ? START : head.to) + gap;
    const made = append(head, { from, to: from + seconds, reserved, used } as Metered, PRICES);
    entries.push(made.entry);
    head = made.head;
  }
  return { entries, head };
}

describe("ledger", () => {
  it("append comes to what a reader of the lines comes to, from any line on", () =>
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 20 }), fc.nat(19), (stretches, at) => {
        const { entries, head } = ledgerOf(stretches);
        assert.deepEqual(verify(emptyHead(LEASE), entries, PRICES), head);
        const half = verify(emptyHead(LEASE), entries.slice(0, at), PRICES);
        assert.deepEqual(verify(half, entries.slice(at), PRICES), head);
      }),
    ));

  it("verify refuses a line that was changed, left out, moved or put in", () =>
    fc.assert(
      fc.property(
        fc.array(stretch, { minLength: 3, maxLength: 10 }),
        fc.nat(),
        fc.constantFrom(0, 1, 2, 3),
        (all, draw, how) => {
          const { entries } = ledgerOf(all);
          const at = draw % (entries.length - 1);
          const line = entries[at] as Entry;
          const bad = [
            entries.with(at, { ...line, used: { ...line.used, egress: (line.used.egress ?? 0n) + 1n } }),
            entries.toSpliced(at, 1),
            entries.with(at, entries[at + 1] as Entry).with(at + 1, line),
            entries.toSpliced(at, 0, line),
          ][how] as Entry[];
          assert.throws(() => verify(emptyHead(LEASE), bad, PRICES), {
            code: "data_loss",
            message: /^Cannot trust line \d+/,
          });
        },
      ),
    ));

  it("totalOf never asks for a unit more than the exact sum, however many settlements there were", () =>
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 20 }), (stretches) => {
        const { head } = ledgerOf(stretches);
        const scaled = totalOf(head) * 1_000_000_000n;
        assert.ok(scaled >= head.billionths && scaled - head.billionths < 1_000_000_000n);
      }),
    ));

  it("append refuses a stretch that overlaps the one before, and one that ends before it begins", () => {
    const { head } = ledgerOf([{ gap: 0, seconds: 10, reserved: {}, used: {} }]);
    const at = (from: number, to: number) => () => append(head, { from, to, reserved: {}, used: {} }, PRICES);
    assert.throws(at(START + 9, START + 20), {
      message: `Cannot meter from ${START + 9} to ${START + 20}: the one before ended at ${START + 10}`,
    });
    assert.throws(at(START + 20, START + 20), /it ends before it begins/);
  });
});

describe("prices", () => {
  it("rateOf is exactly the sum of price times amount", () => {
    assert.equal(rateOf(PRICES, { cpu: 2_000n, memory: 512n, ip: 1n }), 2_000n * 1_543n + 512n * 7n + 9_999n);
  });

  it("rateOf names what has no price, and what no lease can pay", () => {
    assert.throws(() => rateOf(PRICES, { gpu: 1n }), {
      message: "Cannot price gpu 1: the provider has no price for it",
    });
    assert.throws(() => rateOf({ cpu: 2n ** 40n }, { cpu: 2n ** 24n }), /a lease takes less than 2\^64/);
  });

  it("unitsOf rounds up", () => {
    assert.deepEqual([0n, 1n, 999_999_999n, 1_000_000_000n, 1_000_000_001n].map(unitsOf), [0n, 1n, 1n, 1n, 2n]);
  });
});
