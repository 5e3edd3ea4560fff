import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { baseOf, capOf, penaltyOf, RATE_SCALE } from "../lease/dues.ts";
import type { Digest } from "../lease/terms.ts";
import { totalOf } from "./ledger.ts";
import { createMemoryLedgerStore, type LedgerStore } from "./ledger-store.ts";
import { openMeter } from "./meter.ts";
import type { Prices } from "./prices.ts";

const LEASE: Digest = `0x${"7".repeat(64)}`;
const PRICES: Prices = { cpu: 1_543n, memory: 7n, egress: 40n };
const RESERVED = { cpu: 2_000n, memory: 512n };
const START = 2_000_000_000;

/** What happens to a machine: time passes, its clock is set, it restarts, the chain is not known, a disk is full. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 45_000 }) }) },
  fc.record({ kind: fc.constant("pause" as const), ms: fc.integer({ min: 60_001, max: 4_000_000 }) }),
  fc.record({ kind: fc.constant("restart" as const), ms: fc.integer({ min: 0, max: 100_000 }) }),
  fc.record({ kind: fc.constant("reorganise" as const), ms: fc.integer({ min: 0, max: 60_000 }) }),
  fc.record({ kind: fc.constant("unknown" as const), ms: fc.integer({ min: 0, max: 30_000 }) }),
  fc.record({ kind: fc.constant("full" as const), ms: fc.integer({ min: 0, max: 30_000 }) }),
);

describe("openMeter", () => {
  it("never writes a second twice, nor one that nobody looked at, whatever becomes of machine and chain", () =>
    fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 40 }), async (happenings) => {
        const store = createMemoryLedgerStore();
        let [realMs, isFull, behindS] = [0, false, 0];
        let offsetMs = 0; // Of the monotonic clock: each start of a process has its own.
        const failing: LedgerStore = {
          read: store.read,
          append: (entry) => (isFull ? Promise.reject(new Error("no room")) : store.append(entry)),
        };
        const open = () =>
          openMeter({ lease: LEASE, prices: PRICES, clock: { monotonic: () => realMs + offsetMs }, store: failing });
        let meter = await open();
        let isKnown = true;
        let servedMs = 0; // What was really looked at, in one go.
        for (const { kind, ms } of happenings) {
          realMs += ms;
          [isFull, isKnown] = [kind === "full", kind !== "unknown"];
          behindS = kind === "reorganise" ? 30 : 0;
          if (kind === "restart") {
            offsetMs = 1_000_000 - 3 * realMs;
            meter = await open();
          } else if (ms <= 60_000) servedMs += ms;
          const chainTime = isKnown ? START + Math.floor(realMs / 1_000) - behindS : undefined;
          const before = meter.head();
          await meter.look({ reserved: RESERVED, used: { egress: 1n }, chainTime }).catch(() => undefined);
          assert.ok(meter.head().covered >= before.covered && meter.head().billionths >= before.billionths);
          assert.ok(meter.head().covered * 1_000 <= servedMs, "no more than was served");
          assert.ok(meter.head().to <= START + realMs / 1_000 + 1, "no time that is to come");
        }
        const lines = await store.read();
        for (const [at, { from }] of lines.entries()) assert.ok(from >= (lines[at - 1]?.to ?? START - 30));
        assert.deepEqual((await open()).head(), meter.head(), "all of it is there after a restart");
      }),
      { numRuns: 150 },
    ));

  it("keeps what was used where a line cannot be written, and writes it with the next", async () => {
    const store = createMemoryLedgerStore();
    let [nowMs, isFull] = [0, false];
    const failing = {
      read: store.read,
      append: (entry: never) => (isFull ? Promise.reject(new Error("no room")) : store.append(entry)),
    };
    const meter = await openMeter({ lease: LEASE, prices: PRICES, clock: { monotonic: () => nowMs }, store: failing });
    const look = (egress: bigint) => meter.look({ reserved: RESERVED, used: { egress }, chainTime: START });
    await look(5n); // The beginning: what was used before is nobody's.
    nowMs += 10_000;
    isFull = true;
    await assert.rejects(look(3n), /no room/);
    isFull = false;
    nowMs += 10_500;
    await look(4n);
    const [line] = await store.read();
    assert.deepEqual([line?.from, line?.to, line?.used["egress"]], [START, START + 20, 7n]);
  });

  it("writes nothing while the chain was never known, for nobody knows what time it is", async () => {
    let nowMs = 0;
    const store = createMemoryLedgerStore();
    const meter = await openMeter({ lease: LEASE, prices: PRICES, clock: { monotonic: () => nowMs }, store });
    for (let look = 0; look < 5; look++) {
      await meter.look({ reserved: RESERVED, used: {}, chainTime: undefined });
      nowMs += 10_000;
    }
    assert.equal(meter.head().number, 0);
  });
});

describe("rounding", () => {
  const rate = fc.bigInt(1n, 2n ** 64n - 1n);
  const seconds = fc.integer({ min: 0, max: 90 * 86_400 });

  it("costs whoever pays less than one unit beyond the exact sum, by however many settlements it is paid", () =>
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 10n ** 14n), { maxLength: 30 }), fc.array(fc.nat(29)), (costs, paidAt) => {
        let [billionths, paid] = [0n, 0n];
        for (const [at, cost] of costs.entries()) {
          billionths += cost;
          const total = totalOf({ billionths });
          if (paidAt.includes(at) || at === costs.length - 1) paid += total - paid;
          assert.ok(paid * RATE_SCALE - billionths < RATE_SCALE, "never a unit more than the exact sum");
        }
        assert.ok(paid * RATE_SCALE >= billionths, "and at the end all of it");
      }),
    ));

  it("of what the contract lets be claimed is less than one unit beyond the exact sum, and of a penalty below it", () =>
    fc.assert(
      fc.property(rate, rate, seconds, (one, usageCap, time) => {
        const exact = (one + usageCap) * BigInt(time);
        const over = capOf({ rate: one, usageCap }, time) * RATE_SCALE - exact;
        assert.ok(over >= 0n && over < RATE_SCALE);
        const base = baseOf({ rate: one }, time) * RATE_SCALE - one * BigInt(time);
        assert.ok(base >= 0n && base < RATE_SCALE);
        const tiers = { grace: 0, tier1: 2 ** 31, factor1: 1, tier2: 0, factor2: 1, factor3: 1, earningsFactor: 0 };
        const under = one * BigInt(time) - penaltyOf({ ...tiers, rate: one, bond: 2n ** 127n }, time, 0n) * RATE_SCALE;
        assert.ok(under >= 0n && under < RATE_SCALE);
      }),
    ));
});
