import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint } from "./fingerprint.ts";

// Test vectors of FNV-1a, 64 bits: http://www.isthe.com/chongo/src/fnv/test_fnv.c
const vectors = [
  { text: "", hash: "cbf29ce484222325" },
  { text: "a", hash: "af63dc4c8601ec8c" },
  { text: "foobar", hash: "85944171f73967e8" },
];

for (const { text, hash } of vectors) {
  test(`fingerprint gives ${hash} for "${text}", as the published vectors do`, () => {
    assert.equal(fingerprint([text]), hash);
  });
}

test("fingerprint joins its parts by newlines, so that they do not run into one another", () => {
  assert.equal(fingerprint(["ab", "c"]), fingerprint(["ab\nc"]));
  assert.notEqual(fingerprint(["ab", "c"]), fingerprint(["a", "bc"]));
});

test("fingerprint reads text as UTF-8", () => {
  assert.equal(fingerprint(["é"]), fingerprint(["\u00e9"]));
  assert.notEqual(fingerprint(["é"]), fingerprint(["\u0065\u0301"]));
});
