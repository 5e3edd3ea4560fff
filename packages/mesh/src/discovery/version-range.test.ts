import assert from "node:assert/strict";
import { test } from "node:test";
import { highestIn } from "./version-range.ts";

const VERSIONS = ["1.2.0", "1.10.0", "1.9.3", "2.0.0", "2.1.0-beta.1"];

for (const [range, expected] of [
  ["^1.2.0", "1.10.0"],
  ["~1.9.0", "1.9.3"],
  [">=1.2 <1.9", "1.2.0"],
  ["*", "2.0.0"],
  ["1.x || 3", "1.10.0"],
  ["^2.1.0-beta.0", "2.1.0-beta.1"],
  ["^3", undefined],
] as const)
  test(`highestIn takes ${expected} for ${range}`, () => {
    assert.equal(highestIn(range, VERSIONS), expected);
  });

test("highestIn refuses what is no range", () => {
  assert.throws(() => highestIn("newest", VERSIONS), { code: "invalid_argument", message: /"newest": it is neither/ });
});
