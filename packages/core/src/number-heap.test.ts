import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createNumberHeap } from "./number-heap.ts";

test("createNumberHeap gives numbers in order, whatever was pushed, popped and rebuilt between", () => {
  const step = fc.oneof(
    fc.nat(50).map((value) => ({ push: value })),
    fc.constant("pop" as const),
    fc.array(fc.nat(50)).map((values) => ({ rebuild: values })),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const heap = createNumberHeap();
      let held: number[] = [];
      for (const what of steps) {
        if (what === "pop") {
          heap.pop();
          held.shift();
        } else if ("push" in what) {
          heap.push(what.push);
          held = [...held, what.push].sort((a, b) => a - b);
        } else {
          heap.rebuild(what.rebuild);
          held = what.rebuild.toSorted((a, b) => a - b);
        }
        assert.deepEqual([heap.first, heap.size], [held[0], held.length]);
      }
    }),
  );
});
