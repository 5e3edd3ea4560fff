import assert from "node:assert/strict";
import { test } from "node:test";
import { createDraws } from "../chance/draws.ts";
import { assertLatency, drawLatency, type Latency, leastLatency } from "./latency.ts";

function sample(latency: Latency, count = 20_000): number[] {
  const random = createDraws(5).stream("sample");
  return Array.from({ length: count }, () => drawLatency(latency, random) / 1000).sort((a, b) => a - b);
}

const near = (found: number | undefined, wanted: number, share = 0.05) =>
  assert.ok(found !== undefined && Math.abs(found - wanted) <= wanted * share, `${found} is not near ${wanted}`);

test("drawLatency draws each kind as it says", () => {
  assert.deepEqual(new Set(sample(2.5, 10)), new Set([2.5]));
  const uniform = sample({ kind: "uniform", minMs: 10, maxMs: 20 });
  near(uniform[10_000], 15);
  assert.ok((uniform[0] ?? 0) >= 10 && (uniform.at(-1) ?? 99) <= 20);
  const normal = sample({ kind: "normal", meanMs: 50, deviationMs: 5 });
  near(normal[10_000], 50);
  near(normal[16_826], 55);
  near(sample({ kind: "lognormal", medianMs: 40, sigma: 0.5 })[10_000], 40);
  const pareto = sample({ kind: "pareto", minMs: 1, shape: 1, maxMs: 500 });
  near(pareto[10_000], 2);
  assert.equal(pareto.at(-1), 500);
  const mix = sample({
    kind: "mix",
    parts: [
      { share: 999, latency: 1 },
      { share: 1, latency: 100 },
    ],
  });
  const slow = mix.filter((ms) => ms === 100).length;
  assert.ok(slow > 5 && slow < 45, `${slow} of 20,000 are slow`);
});

const BAD: readonly (readonly [latency: unknown, why: RegExp])[] = [
  [-1, /latency is -1, write a number from 0/],
  [Number.NaN, /latency is NaN/],
  [{ kind: "uniform", minMs: 5, maxMs: 1 }, /maxMs is 1, below minMs 5/],
  [{ kind: "pareto", minMs: 5, shape: 0, maxMs: 9 }, /shape is 0/],
  [{ kind: "mix", parts: [] }, /a mix has no parts/],
  [{ kind: "mix", parts: [{ share: 0, latency: 1 }] }, /a share is 0/],
  [{ kind: "gamma" }, /there is no kind "gamma", write uniform, normal, lognormal, pareto, table or mix/],
];

for (const [latency, why] of BAD) {
  test(`assertLatency refuses ${JSON.stringify(latency)}`, () => {
    assert.throws(() => assertLatency(latency as Latency), { code: "invalid_argument", message: why });
  });
}

test("leastLatency is what no draw is below", () => {
  const kinds: readonly Latency[] = [
    3,
    { kind: "uniform", minMs: 1, maxMs: 2 },
    { kind: "normal", meanMs: 5, deviationMs: 9, minMs: 0.5 },
    { kind: "lognormal", medianMs: 5, sigma: 2, minMs: 2 },
    { kind: "pareto", minMs: 4, shape: 1, maxMs: 50 },
    { kind: "table", measuredMs: [7, 3, 9] },
    {
      kind: "mix",
      parts: [
        { share: 1, latency: 6 },
        { share: 1, latency: { kind: "uniform", minMs: 2, maxMs: 3 } },
      ],
    },
  ];
  const random = createDraws(1).stream("latency");
  for (const latency of kinds) {
    const least = leastLatency(latency);
    assert.ok(least > 0);
    for (let draw = 0; draw < 2000; draw++) assert.ok(drawLatency(latency, random) >= least, JSON.stringify(latency));
  }
});
