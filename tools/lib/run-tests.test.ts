import assert from "node:assert/strict";
import { test } from "node:test";
import { ROOT } from "./project.ts";
import { testPatterns } from "./run-tests.ts";

const words: readonly [word: string, pattern: string][] = [
  ["tools/lib", "tools/lib/**/*.test.ts"],
  ["tools/lib/", "tools/lib/**/*.test.ts"],
  ["tools/lib/step.ts", "tools/lib/step.test.ts"],
  ["./tools/lib/step.test.ts", "tools/lib/step.test.ts"],
  [`${ROOT}/tools`, "tools/**/*.test.ts"],
  ["packages/*/src/*.test.ts", "packages/*/src/*.test.ts"],
];

for (const [word, pattern] of words) {
  test(`testPatterns reads ${word.replace(ROOT, "ROOT")}`, () => assert.deepEqual(testPatterns([word]), [pattern]));
}
