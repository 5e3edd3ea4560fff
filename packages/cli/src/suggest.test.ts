import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { didYouMean, suggest } from "./suggest.ts";

const NAMES = ["run", "new", "call", "services", "describe", "generate"];

describe("suggest", () => {
  for (const [said, meant] of [
    ["rnu", ["run"]],
    ["servces", ["services"]],
    ["Describe", ["describe"]],
    ["gen", ["generate"]],
    ["xyzzy", []],
    ["", []],
  ] as const) {
    it(`takes "${said}" for ${meant.join(" or ") || "nothing"}`, () => {
      assert.deepEqual(suggest(said, NAMES), meant);
    });
  }

  it("gives at most three, the nearest first", () => {
    assert.deepEqual(suggest("abcd", ["abxx", "abcx", "abcd2", "abcd", "zzzz"]), ["abcd", "abcd2", "abcx"]);
  });
});

describe("didYouMean", () => {
  it("asks, or says nothing", () => {
    assert.equal(didYouMean(["a", "b"]), 'did you mean "a" or "b"?');
    assert.equal(didYouMean([]), "");
  });
});
