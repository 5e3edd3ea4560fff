import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { meet, parseConfigPath, printConfigPath } from "./config-path.ts";

describe("parseConfigPath", () => {
  it("reads what printConfigPath writes, for any names", () => {
    const name = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(..."ab.\\ü0 -$") });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 8 }), (names) => {
        assert.deepEqual(parseConfigPath(printConfigPath(names)), names);
      }),
    );
  });

  const refused: Record<string, string> = {
    ".a": "a name is missing",
    "a.": "a name is missing",
    "a..b": "a name is missing",
    "a\\b": 'a "\\" stands only before',
    "a\nb": "is no name",
    "__proto__.x": "is no name",
    "\ud800": "is no name",
    ["x".repeat(129)]: "up to 128 fit",
    [Array.from({ length: 33 }, () => "x").join(".")]: "up to 32 fit",
  };
  for (const [text, why] of Object.entries(refused))
    it(`refuses ${JSON.stringify(text.slice(0, 20))}, since ${why}`, () => {
      assert.throws(
        () => parseConfigPath(text),
        (error: Error) => error.message.includes(why),
      );
    });
});

describe("meet", () => {
  it("holds for a path, what is in it and what it is in, and not for neighbours", () => {
    const path = ["a", "b"];
    for (const other of [[], ["a"], ["a", "b"], ["a", "b", "c"]]) assert.ok(meet(path, other));
    for (const other of [["b"], ["a", "c"], ["a", "bb"], ["a", "c", "b"]]) assert.ok(!meet(path, other));
  });
});
