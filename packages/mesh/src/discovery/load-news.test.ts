import assert from "node:assert/strict";
import { test } from "node:test";
import { LOAD_BYTES_AT_ONCE, LOAD_BYTES_PER_SECOND, LOAD_REPEATS, LOADS_WAITING_MAX } from "./limits.ts";
import { createLoadNews } from "./load-news.ts";
import { spaceOf } from "./news-queue.ts";

const piece = (value: number, size = 40) => new Uint8Array(size).fill(value);
const firsts = (taken: readonly Uint8Array[]) => taken.map(([first]) => first);

/** News of loads, and a way to pass time. */
function loads() {
  let nowMs = 0;
  const news = createLoadNews({ monotonic: () => nowMs });
  return { news, pass: (ms: number) => (nowMs += ms) };
}

/** The same after all that it may say at once was said. */
function spentLoads() {
  const made = loads();
  while (made.news.mayAnswer(1000));
  made.pass(1000 * (LOAD_BYTES_AT_ONCE / LOAD_BYTES_PER_SECOND));
  for (let told = 0; told < LOAD_BYTES_AT_ONCE / 2; told += 500) made.news.mayAnswer(500);
  return made;
}

test("createLoadNews tells each piece as often as it may, the newest first and by itself where no more fit", () => {
  const { news } = loads();
  for (const value of [1, 2, 3]) news.add(`n${value}`, piece(value));
  assert.deepEqual(firsts(news.take(100)), [3, 2]);
  for (let time = 1; time < LOAD_REPEATS; time++) assert.deepEqual(firsts(news.take(100)), [3, 2]);
  for (let time = 0; time < LOAD_REPEATS; time++) assert.deepEqual(firsts(news.take(100)), [1]);
  assert.deepEqual([news.take(100), news.size], [[], 0]);
});

test("createLoadNews puts newer news in the place of older, and tells it anew", () => {
  const { news } = loads();
  news.add("a", piece(1));
  news.take(100);
  news.add("a", piece(2));
  for (let time = 0; time < LOAD_REPEATS; time++) assert.deepEqual(firsts(news.take(100)), [2]);
  assert.equal(news.size, 0);
});

test("createLoadNews says so much a second, whatever the loads do, and tells the newest several ways", () => {
  const { news, pass } = spentLoads();
  let bytes = 0;
  const ways = new Map<number, number>();
  for (let ms = 0; ms < 10_000; ms += 200) {
    pass(200);
    for (let one = 0; one < 20; one++) news.add(`n${(ms / 10 + one) % 500}`, piece(one, 60));
    for (let way = 0; way < 10; way++) {
      const taken = news.take(1200);
      bytes += spaceOf(taken);
      for (const [first = 0] of taken) ways.set(first, (ways.get(first) ?? 0) + 1);
    }
  }
  assert.ok(bytes <= 10 * LOAD_BYTES_PER_SECOND, `${bytes} bytes in 10 s`);
  assert.ok(bytes > 9 * LOAD_BYTES_PER_SECOND, `${bytes} bytes in 10 s`);
  assert.ok((ways.get(19) ?? 0) >= 50, `the newest of each round was told ${ways.get(19)} times in 50 rounds`);
});

test("createLoadNews says no more than so much at once, however long it was silent", () => {
  const answered = ({ mayAnswer }: { mayAnswer: (bytes: number) => boolean }) => {
    let bytes = 0;
    while (mayAnswer(100)) bytes += 100;
    return bytes;
  };
  const { news, pass } = loads();
  const mayAnswer = (bytes: number) => news.mayAnswer(bytes);
  assert.equal(answered({ mayAnswer }), LOAD_BYTES_AT_ONCE);
  pass(3_600_000);
  assert.equal(answered({ mayAnswer }), LOAD_BYTES_AT_ONCE);
  assert.equal(news.mayAnswer(1), false);
});

test("createLoadNews leaves to comparisons what news would use up", () => {
  const { news } = spentLoads();
  for (let one = 0; one < LOADS_WAITING_MAX; one++) news.add(`n${one}`, piece(one, 60));
  assert.deepEqual(news.take(1200), []);
  assert.equal(news.mayAnswer(500), true);
});

test("createLoadNews keeps as many pieces as it may, and drops the oldest for one past it", () => {
  const { news, pass } = loads();
  for (let one = 0; one < LOADS_WAITING_MAX; one++) news.add(`n${one}`, piece(one, 20));
  assert.equal(news.size, LOADS_WAITING_MAX);
  news.add("one more", piece(255, 20));
  assert.equal(news.size, LOADS_WAITING_MAX);
  const taken = new Set<number | undefined>();
  for (let time = 0; news.size > 0 && time < LOAD_REPEATS * LOADS_WAITING_MAX; time++) {
    for (const first of firsts(news.take(30))) taken.add(first);
    pass(100);
  }
  assert.deepEqual([taken.has(255), taken.has(1), taken.has(0)], [true, true, false]);
});

test("createLoadNews leaves a load that is too large to comparisons", () => {
  const { news } = loads();
  news.add("a", piece(1));
  news.add("a", piece(2, 1000));
  assert.equal(news.size, 0);
});
