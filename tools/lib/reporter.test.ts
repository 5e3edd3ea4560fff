import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type CommandResult, runCommand } from "./command.ts";

const HEAD = 'import { describe, test } from "node:test";\nimport assert from "node:assert/strict";\n';

/** Runs one test file with the reporter, in a fresh runner of its own. */
async function reportOf(body: string): Promise<CommandResult> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-reporter-"));
  const file = join(folder, "a.test.mjs");
  writeFileSync(file, HEAD + body);
  try {
    const node = ["node", "--test", "--test-reporter=./tools/lib/reporter.ts", file];
    return await runCommand(node, { env: { NODE_TEST_CONTEXT: undefined } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("report ends a good run with the runner's summary", async () => {
  const { code, output } = await reportOf('test("a", () => {});\ntest("b", { skip: "no need" }, () => {});');
  assert.equal(code, 0);
  assert.match(output, /^ok {5}.*a\.test\.mjs 1 of 2, 1 skipped, /m);
  assert.match(
    output,
    /\n# tests 2\n# suites 0\n# pass 1\n# fail 0\n# cancelled 0\n# skipped 1\n# todo 0\n# duration_ms [\d.]+\n$/,
  );
});

test("report tells a failure whole, once, with what its file printed, and again above the summary", async () => {
  const body = 'console.log("seen");\ndescribe("s", () => test("b", () => assert.equal(1, 2)));\ntest("c", () => {});';
  const { code, output } = await reportOf(body);
  assert.equal(code, 1);
  assert.equal(output.match(/^FAILED b \(.*a\.test\.mjs:4\)$/gm)?.length, 2);
  assert.match(output, /^ {4}AssertionError/m);
  assert.match(output, /^failed .*a\.test\.mjs 1 of 2, /m);
  assert.match(output, /^ {4}seen$/m);
  assert.match(output, /\nFAILED b .*\n# tests 2\n# suites 1\n# pass 1\n# fail 1\n/);
});

test("report tells a file that cannot be loaded", async () => {
  const { code, output } = await reportOf("throw new Error('no such luck');");
  assert.equal(code, 1);
  assert.match(output, /no such luck/);
  assert.match(output, /\n# fail 1\n/);
});
