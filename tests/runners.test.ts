import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "./testing/protoc.ts";
import { makeScratch } from "./testing/scratch.ts";

const run = promisify(execFile);
const cwd = join(import.meta.dirname, "testing/runners");
const ORRERY_HASH_FILE = join(makeScratch(), "hashes.txt");
const { NODE_TEST_CONTEXT: _, ...own } = process.env; // A run within a run would report to the outer one.
const env = { ...own, ORRERY_HASH_FILE };

/** The oldest Node that the packages run on. */
const OLDEST = join(ROOT, "node_modules/node-24-linux-x64/bin/node");

async function runTests(node: string): Promise<void> {
  const words = ["--conditions=source", "--import", "./node-globals.ts", "--test", "--test-reporter=tap"];
  const { stdout } = await run(node, [...words, "greeter.spec.ts", "world.spec.ts"], { cwd, env });
  assert.match(stdout, /# pass 5\n# fail 0/);
}

test("node:test runs the tests of a component and of a modelled network", () => runTests(process.execPath));

const skip = existsSync(OLDEST) ? false : "npm has no Node 24 for this platform";

test("node:test of the oldest Node runs the same tests", { skip }, () => runTests(OLDEST));

test("Vitest runs the same tests", async () => {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const report = join(makeScratch(), "report.json");
  const words = ["run", "--config", "vitest.config.ts", "--reporter", "json", "--outputFile", report];
  await run(process.execPath, [vitest, ...words], { cwd, env });
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  assert.deepEqual([numPassedTests, numFailedTests, testResults.length], [5, 0, 2]);
});

test("a modelled network goes the same way a thousand times under each runner, and on each Node", () => {
  const hashes = readFileSync(ORRERY_HASH_FILE, "utf8").trim().split("\n");
  assert.equal(hashes.length, skip === false ? 3 : 2);
  assert.equal(new Set(hashes).size, 1, hashes.join());
});
