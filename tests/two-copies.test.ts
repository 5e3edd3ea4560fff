import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const BUILT = join(import.meta.dirname, "..", "packages", "core", "dist", "index.js");
const skip = existsSync(BUILT) ? false : "core is not built: run npm run build";

const json = {
  payload: {
    text: "a",
    number: "-9223372036854775808",
    parts: { b: { colour: "COLOUR_BLUE", large: "7" } },
    at: "1970-01-01T00:00:05.000000006Z",
    sure: false,
  },
};

for (const { how, words } of [
  { how: "compiled", words: [] },
  { how: "where code must not be compiled", words: ["--disallow-code-generation-from-strings"] },
]) {
  test(`a built core gets on with the program's own copy of protobuf-es, ${how}`, { skip }, () => {
    const program = join(import.meta.dirname, "testing", "two-copies.ts");
    const { stdout, stderr, status } = spawnSync(process.execPath, [...words, program], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "" }, // No word of the test runner's makes it take the sources.
    });
    assert.deepEqual([stderr, status], ["", 0]);
    assert.deepEqual(JSON.parse(stdout), {
      core: "packages/core/dist/index.js",
      isMessage: true,
      equals: true,
      sure: false,
      json,
      asDescribed: json,
      horizon: "network",
      timeoutMs: 20000,
    });
  });
}
