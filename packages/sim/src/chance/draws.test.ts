import assert from "node:assert/strict";
import { test } from "node:test";
import { createDraws } from "./draws.ts";

const take = (seed: number, purpose: string, scope = "", count = 8) => {
  const stream = createDraws(seed).stream(purpose, scope);
  return Array.from({ length: count }, () => stream.next());
};

test("createDraws gives the same lots for the same seed, purpose and scope, and others for others", () => {
  assert.deepEqual(take(1, "latency", "a>b"), take(1, "latency", "a>b"));
  const others = [
    take(2, "latency", "a>b"),
    take(1, "loss", "a>b"),
    take(1, "latency", "b>a"),
    take(1, "latencya", ">b"),
  ];
  for (const other of others) assert.notDeepEqual(other, take(1, "latency", "a>b"));
});

test("createDraws lets no stream shift another", () => {
  const draws = createDraws(1);
  const [a, b] = [draws.stream("a"), draws.stream("b")];
  const alone = take(1, "a", "", 4);
  const between = alone.map(() => {
    b.next();
    return a.next();
  });
  assert.deepEqual(between, alone);
});

test("createDraws draws evenly: each of 64 drawers gets its share of 64,000 lots, and neighbours do not follow one another", () => {
  const stream = createDraws(42).stream("even");
  const drawers = new Array<number>(64).fill(0);
  let ups = 0;
  let last = 0;
  for (let index = 0; index < 64_000; index++) {
    const lot = stream.next();
    assert.ok(lot >= 0 && lot < 1);
    drawers[Math.floor(lot * 64)] = (drawers[Math.floor(lot * 64)] ?? 0) + 1;
    if (lot > last) ups++;
    last = lot;
  }
  const square = drawers.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(square < 110, `chi square of 63 degrees is ${square}`); // Less than one in ten thousand is above.
  assert.ok(Math.abs(ups - 32_000) < 600, `${ups} of 64,000 rise`);
});

test("createDraws gives whole numbers below a bound, and bytes", () => {
  const stream = createDraws(1).stream("whole");
  const seen = new Set(Array.from({ length: 200 }, () => stream.integer(7)));
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
  assert.ok(stream.integer(2 ** 53 - 1) > 0);
  assert.ok(new Set(stream.bytes(256)).size > 100);
  assert.throws(() => stream.integer(0), /Cannot draw below 0/);
});
