import assert from "node:assert/strict";
import { test } from "node:test";
import { completeLimits } from "./limits.ts";
import { createOutbox } from "./outbox.ts";

const bytes = (size: number) => new Uint8Array(size);

test("createOutbox gives messages back in order, over thousands", () => {
  const outbox = createOutbox(completeLimits({ outboxMessagesMax: 5000 }));
  for (let index = 0; index < 5000; index++) outbox.push([Uint8Array.of(index >> 8, index)]);
  for (let index = 0; index < 5000; index++) assert.deepEqual(outbox.shift(), [Uint8Array.of(index >> 8, index)]);
  assert.equal(outbox.shift(), undefined);
  assert.equal(outbox.bytes, 0);
});

test("createOutbox is overloaded one message past its bound, and takes one again after one has left", () => {
  const outbox = createOutbox(completeLimits({ outboxMessagesMax: 2 }));
  const results = [1, 2, 3].map((size) => outbox.push([bytes(size)]));
  assert.deepEqual(results, ["accepted", "accepted", "overloaded"]);
  outbox.shift();
  assert.equal(outbox.push([bytes(1)]), "accepted");
  assert.equal(outbox.messages, 2);
});

test("createOutbox is overloaded one byte past its bound", () => {
  const outbox = createOutbox(completeLimits({ outboxBytesMax: 100 }));
  assert.equal(outbox.push([bytes(60), bytes(39)]), "accepted");
  assert.equal(outbox.push([bytes(2)]), "overloaded");
  assert.equal(outbox.push([bytes(1)]), "accepted");
  assert.equal(outbox.bytes, 100);
});

test("createOutbox takes one message over its bytes when it is empty", () => {
  const outbox = createOutbox(completeLimits({ outboxBytesMax: 100 }));
  assert.equal(outbox.push([bytes(101)]), "accepted");
  assert.equal(outbox.push([bytes(0)]), "overloaded");
});

for (const [name, limits, refused, taken] of [
  ["a frame", { frameBytesMax: 10 }, [11], [10]],
  ["the sum of frames", { messageBytesMax: 10 }, [5, 6], [5, 5]],
  ["the number of frames", { framesMax: 2 }, [0, 0, 0], [0, 0]],
] as const) {
  test(`createOutbox refuses a message when ${name} is one past the bound, and takes it at the bound`, () => {
    const outbox = createOutbox(completeLimits(limits));
    assert.equal(outbox.push(refused.map(bytes)), "too_large");
    assert.equal(outbox.push(taken.map(bytes)), "accepted");
  });
}

test("createOutbox refuses a message without frames", () => {
  const message = "Cannot send a message without frames";
  assert.throws(() => createOutbox(completeLimits({})).push([]), { code: "invalid_argument", message });
});
