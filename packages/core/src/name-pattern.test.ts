import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { namePattern } from "./name-pattern.ts";

const CASES: readonly (readonly [pattern: string, fits: readonly string[], not: readonly string[]])[] = [
  ["after-charge", ["after-charge"], ["after-charge2", "before", ""]],
  ["*", ["", "anything"], []],
  ["after-*", ["after-", "after-charge"], ["after", "before-charge"]],
  ["*-charge", ["-charge", "after-charge"], ["charge", "after-charge-2"]],
  ["a*b*c", ["abc", "a1b2c", "abbc", "abcbc"], ["ac", "acb", "bac"]],
  ["a*a", ["aa", "aba"], ["a"]],
  ["a**a", ["aa", "aba"], ["a"]],
  ["a.b", ["a.b"], ["axb"]],
];

for (const [pattern, fits, not] of CASES) {
  test(`namePattern reads "${pattern}"`, () => {
    const matches = namePattern(pattern);
    for (const name of fits) assert.equal(matches(name), true, name);
    for (const name of not) assert.equal(matches(name), false, name);
  });
}

test("namePattern agrees with a regular expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
  fc.assert(
    fc.property(text, name, (pattern, candidate) => {
      const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(candidate);
      assert.equal(namePattern(pattern)(candidate), expected);
    }),
    { numRuns: 1000 },
  );
});
