import assert from "node:assert/strict";
import { test } from "node:test";
import { createShuffle, median, quantile, variation } from "./statistics.ts";

test("median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([1, 9, 5, 6]), 5.5);
  assert.ok(Number.isNaN(median([])));
});

test("quantile of 0 and 1 are the smallest and the largest value", () => {
  assert.equal(quantile([3, 1, 2], 0), 1);
  assert.equal(quantile([3, 1, 2], 1), 3);
});

test("variation is the standard deviation by the mean", () => {
  assert.equal(variation([5, 5, 5]), 0);
  assert.equal(variation([9, 11]).toFixed(4), (Math.SQRT2 / 10).toFixed(4));
  assert.equal(variation([7]), 0);
});

test("createShuffle gives the same orders for the same seed, others for another, and loses nothing", () => {
  const values = Array.from({ length: 50 }, (_, index) => index);
  const [one, same, other] = [createShuffle(1), createShuffle(1), createShuffle(2)];
  const first = one(values);
  assert.deepEqual(first, same(values));
  assert.notDeepEqual(first, other(values));
  assert.notDeepEqual(first, one(values));
  assert.deepEqual(
    first.toSorted((left, right) => left - right),
    values,
  );
});
