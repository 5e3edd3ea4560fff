import assert from "node:assert/strict";
import { test } from "node:test";
import { NEWS_MAX } from "./limits.ts";
import { createNewsQueue, repeatsFor } from "./news-queue.ts";

const piece = (key: string, { size = 100, times = 2, value = 0 } = {}) => ({
  key,
  bytes: new Uint8Array(size).fill(value),
  repeats: () => times,
});
const room = { bytesMax: 1200, members: 10 };

test("createNewsQueue tells each piece as often as it may, and what was told least first", () => {
  const queue = createNewsQueue();
  for (const key of ["a", "b", "c"]) queue.add(piece(key, { size: 500, value: key.charCodeAt(0) }));
  const told = [1, 2, 3, 4].map(() => queue.take(room).map(([first]) => String.fromCharCode(first ?? 0)));
  assert.deepEqual(told, [["a", "b"], ["c", "a"], ["b", "c"], []]);
  assert.equal(queue.size, 0);
});

test("createNewsQueue puts newer news in the place of older, and tells it anew", () => {
  const queue = createNewsQueue();
  queue.add(piece("a", { value: 1 }));
  queue.take(room);
  queue.add(piece("a", { value: 2 }));
  assert.deepEqual(
    [queue.take(room), queue.take(room), queue.take(room)].map((all) => all.map(([first]) => first)),
    [[2], [2], []],
  );
});

test("createNewsQueue passes over what does not fit for what does", () => {
  const queue = createNewsQueue();
  queue.add(piece("large", { size: 1300 }));
  queue.add(piece("small"));
  assert.deepEqual(
    queue.take(room).map(({ length }) => length),
    [100],
  );
});

test("createNewsQueue keeps as many pieces as it may, and drops one that was told for one past it", () => {
  const queue = createNewsQueue();
  queue.add(piece("told", { value: 9 }));
  queue.take(room);
  for (let index = 1; index < NEWS_MAX; index++) queue.add(piece(`${index}`, { size: 20 }));
  assert.equal(queue.size, NEWS_MAX);
  queue.add(piece("one more", { size: 20 }));
  assert.equal(queue.size, NEWS_MAX);
  assert.ok(queue.take({ bytesMax: NEWS_MAX * 100, members: 1 }).every(([first]) => first === 0));
});

test("repeatsFor grows with the logarithm", () => {
  assert.deepEqual([1, 9, 10, 99, 500].map(repeatsFor(3)), [3, 3, 6, 6, 9]);
});

test("createNewsQueue lets news go along without counting it", () => {
  const queue = createNewsQueue();
  queue.add(piece("a", { times: 1 }));
  for (let time = 0; time < 5; time++) assert.equal(queue.peek(1200).length, 1);
  assert.equal(queue.peek(50).length, 0);
  assert.equal(queue.take(room).length, 1);
  assert.equal(queue.peek(1200).length, 0);
});
