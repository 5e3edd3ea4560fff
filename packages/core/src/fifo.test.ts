import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createFifo } from "./fifo.ts";

test("createFifo behaves as an array that is pushed and shifted", () => {
  const step = fc.oneof(fc.nat(1000), fc.constant("shift" as const), fc.constant("keep even" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 500 }), (steps) => {
      const fifo = createFifo<number>();
      let model: number[] = [];
      for (const one of steps) {
        if (one === "shift") assert.equal(fifo.shift(), model.shift());
        else if (one === "keep even") {
          const kept = model.filter((item) => item % 2 === 0);
          assert.equal(
            fifo.keep((item) => item % 2 === 0),
            model.length - kept.length,
          );
          model = kept;
        } else {
          fifo.push(one);
          model.push(one);
        }
        assert.equal(fifo.size, model.length);
        assert.deepEqual([...fifo], model);
      }
    }),
  );
});

test("createFifo lets go of what was taken, also while it never runs empty", () => {
  const fifo = createFifo<number>();
  fifo.push(-1);
  for (let i = 0; i < 100_000; i++) {
    fifo.push(i);
    assert.equal(fifo.shift(), i - 1);
  }
  assert.deepEqual([...fifo], [99_999]);
});
