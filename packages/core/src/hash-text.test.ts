import assert from "node:assert/strict";
import { test } from "node:test";
import { fnv1a, hashText, mix } from "./hash-text.ts";

// Test vectors of FNV-1a, 32 bits: http://www.isthe.com/chongo/src/fnv/test_fnv.c
for (const [text, expected] of [
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
] as const)
  test(`fnv1a hashes "${text}" as its authors do`, () => assert.equal(fnv1a(text) >>> 0, expected));

test("hashText spreads what fnv1a gives, another way for each seed", () => {
  assert.equal(hashText("a"), mix(fnv1a("a")));
  const hashes = new Set(Array.from({ length: 1000 }, (_, seed) => hashText("a", seed)));
  assert.equal(hashes.size, 1000);
});
