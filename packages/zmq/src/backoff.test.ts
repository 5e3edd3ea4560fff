import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs } from "./backoff.ts";

test("backoffMs doubles from the least to the longest pause", () => {
  const pauses = [1, 2, 3, 4, 5, 1000].map((failures) => backoffMs({ failures, minMs: 20, maxMs: 200, random: 0 }));
  assert.deepEqual(pauses, [20, 40, 80, 160, 200, 200]);
});

test("backoffMs takes away at most a half by chance", () => {
  assert.equal(backoffMs({ failures: 1, minMs: 20, maxMs: 200, random: 0.5 }), 15);
  assert.equal(backoffMs({ failures: 1, minMs: 20, maxMs: 200, random: 0.999 }), 11);
});
