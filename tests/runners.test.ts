import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "./testing/protoc.ts";
import { makeScratch } from "./testing/scratch.ts";

const run = promisify(execFile);
const cwd = join(import.meta.dirname, "testing/runners");
const { NODE_TEST_CONTEXT: _, ...env } = process.env; // A run within a run would report to the outer one.

test("node:test runs a component's test file", async () => {
  const words = [
    "--conditions=source",
    "--import",
    "./node-globals.ts",
    "--test",
    "--test-reporter=tap",
    "greeter.spec.ts",
  ];
  const { stdout } = await run(process.execPath, words, { cwd, env });
  assert.match(stdout, /# pass 2\n# fail 0/);
});

test("Vitest runs the same component's test file", async () => {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const report = join(makeScratch(), "report.json");
  const words = ["run", "--config", "vitest.config.ts", "--reporter", "json", "--outputFile", report];
  await run(process.execPath, [vitest, ...words], { cwd, env });
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  assert.deepEqual([numPassedTests, numFailedTests], [2, 0]);
  assert.match(testResults[0].name, /greeter\.spec\.ts$/);
});
