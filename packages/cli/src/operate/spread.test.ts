import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { spread } from "./spread.ts";

const node = (name: string, instances: number, load = 0) => ({ node: name, instances, load });

for (const [total, nodes, wanted] of [
  [3, [node("a", 1), node("b", 1), node("c", 1)], { a: 1, b: 1, c: 1 }],
  [5, [node("a", 1), node("b", 1), node("c", 1)], { a: 2, b: 2, c: 1 }],
  [5, [node("a", 1, 9), node("b", 1), node("c", 1)], { a: 1, b: 2, c: 2 }],
  [2, [node("a", 3), node("b", 1)], { a: 1, b: 1 }],
  [4, [node("a", 4), node("b", 0)], { a: 4, b: 0 }],
  [1, [node("a", 1, 5), node("b", 1, 0)], { a: 1, b: 0 }],
  [0, [node("a", 2), node("b", 1)], { a: 0, b: 0 }],
] as const)
  test(`spread divides ${total} as ${JSON.stringify(wanted)}`, () => {
    assert.deepEqual(Object.fromEntries(spread(total, nodes)), wanted);
  });

test("spread gives every node a whole number, all of the total, and changes no more than it must", () => {
  const counts = fc.array(fc.nat(20), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(counts, fc.nat(100), (instances, total) => {
      const nodes = instances.map((count, at) => node(`n${at}`, count, count * at));
      const targets = [...spread(total, nodes).values()];
      const sum = targets.reduce((all, one) => all + one, 0);
      const before = instances.reduce((all, one) => all + one, 0);
      const moved = targets.reduce((all, one, at) => all + Math.abs(one - (instances[at] ?? 0)), 0);
      return sum === total && targets.every((one) => one >= 0) && moved === Math.abs(total - before);
    }),
  );
});
