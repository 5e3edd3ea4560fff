import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type HealthLook, lookAt, newHealth } from "./health.ts";
import { MEMORY_SLOTS } from "./limits.ts";
import { addSample, type MemorySample, steadyGrowth } from "./memory-trend.ts";
import { KEEP_DEFAULTS } from "./spec.ts";

const MIB = 1024 * 1024;
const rules = { ...KEEP_DEFAULTS, pingEveryMs: 1_000, missesMax: 3, memoryBytesMax: 100 * MIB };
const well: HealthLook = { atMs: 0, answered: true, debugged: false, processorMs: 0, memoryBytes: MIB };

/** Looks once a second, as the parts say, and tells the first ailment and when. */
function ailmentOf(looks: readonly Partial<HealthLook>[], by = rules) {
  let state = newHealth(0);
  for (const [index, look] of looks.entries()) {
    const atMs = (index + 1) * 1_000;
    const seen = lookAt(state, { ...well, atMs, ...look }, by);
    if (seen.ailment !== undefined) return { index, ...seen.ailment };
    state = seen.state;
  }
  return undefined;
}

describe("lookAt", () => {
  const silent = { answered: false };

  it("takes silence without work for a hang", () => {
    assert.deepEqual(ailmentOf([{}, silent, silent, silent]), {
      index: 3,
      kind: "hang",
      text: "it answered nothing for 3 s, and wanted 0 % of a processor",
    });
  });

  it("takes silence with work for a spin", () => {
    const looks = [{}, ...[900, 1_800, 2_700].map((processorMs) => ({ answered: false, processorMs }))];
    assert.equal(ailmentOf(looks)?.kind, "spin");
  });

  it("begins anew with each answer", () => {
    assert.equal(ailmentOf([silent, silent, {}, silent, silent, {}]), undefined);
  });

  it("never takes a debugged process for ill", () => {
    const held = { answered: false, debugged: true, memoryBytes: 900 * MIB };
    assert.equal(ailmentOf([held, held, held, held, held, held]), undefined);
  });

  it("blames nobody for silence that it slept through itself", () => {
    assert.equal(ailmentOf([silent, silent, { ...silent, atMs: 60_000 }]), undefined);
  });

  it("takes memory over the limit for too much when it is seen twice", () => {
    const big = { memoryBytes: 101 * MIB };
    assert.equal(ailmentOf([big, {}, big, {}]), undefined);
    assert.deepEqual(ailmentOf([big, big]), {
      index: 1,
      kind: "memory",
      text: "it holds 101 MiB, its limit is 100 MiB",
    });
  });

  it("obeys the limit of its folder where that is less than the one of its rules", () => {
    const holds = (bytes: number) => ({ memoryBytes: bytes * MIB, memoryBytesMax: 50 * MIB });
    assert.deepEqual(ailmentOf([holds(51), holds(52)]), {
      index: 1,
      kind: "memory",
      text: "it holds 52 MiB, its limit is 50 MiB",
    });
    assert.equal(ailmentOf([holds(50), holds(50)]), undefined);
    const wide = { memoryBytes: 101 * MIB, memoryBytesMax: 500 * MIB };
    assert.equal(ailmentOf([wide, wide])?.text, "it holds 101 MiB, its limit is 100 MiB");
  });

  it("takes steady growth for a leak before the limit is reached, a saw for none", () => {
    const window = { ...rules, leakWindowMs: 60_000, leakAheadMs: 120_000 };
    const growing = Array.from({ length: 99 }, (_, i) => ({ memoryBytes: (20 + i * 0.5 + (i % 5) * 3) * MIB }));
    const found = ailmentOf(growing, window);
    assert.equal(found?.kind, "leak");
    assert.ok((found?.index ?? 99) < 80, "it was found before the limit");
    assert.match(found?.text ?? "", /grows by (2\d|3\d)(\.\d)? MiB a minute, and would reach its limit in \d+/);
    const saw = Array.from({ length: 300 }, (_, i) => ({ memoryBytes: (20 + (i % 20) * 3) * MIB }));
    assert.equal(ailmentOf(saw, window), undefined);
  });
});

describe("steadyGrowth", () => {
  it("finds the slope of a line and nothing in what does not grow, in bounded room", () => {
    const slopes = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(slopes, fc.integer({ min: 10, max: 400 }), (slope, count) => {
        let samples: readonly MemorySample[] = [];
        for (let i = 0; i < count; i++) {
          samples = addSample(samples, { atMs: i * 1_000, bytes: 1e6 + slope * i * 1_000 }, 100_000);
          assert.ok(samples.length <= MEMORY_SLOTS + 1);
        }
        const growth = steadyGrowth(samples, 100_000);
        if (slope <= 0 || count < 91) assert.equal(growth, 0);
        else if (count > 110) assert.ok(Math.abs(growth - slope) < slope * 0.1, `${growth} for ${slope}`);
      }),
    );
  });
});
