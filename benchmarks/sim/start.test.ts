import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Results } from "./results.ts";

const START = join(import.meta.dirname, "start.ts");
const words = process.execArgv.filter((word) => /^(-C|source|--conditions.*)$/.test(word));
/** What is installed for measuring alone; a machine that only tests may lack it. */
const IS_PYTHON = /^simpy/;

function bench(...options: string[]) {
  return promisify(execFile)(process.execPath, [...words, START, ...options]);
}

test("npm run bench:sim measures each thing once and prints its tables", async () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-bench-test-"));
  const json = join(folder, "results.json");
  try {
    const cells = "deliveries/50,fire/1000,cancel/1000,moments/hour,moments/timeouts,moments/nodes,memory/1000";
    const rest = "costs/point,costs/capture,histories/500,exploration/auction,exploration/idle";
    const { stdout } = await bench("--quick", "--cells", `${cells},${rest}`, "--json", json);
    const { measurements } = JSON.parse(readFileSync(json, "utf8")) as Results;
    assert.equal(new Set(measurements.map(({ cell }) => cell)).size, 12);
    for (const { cell, contestant, samples, failure } of measurements.filter(
      (one) => !IS_PYTHON.test(one.contestant),
    )) {
      assert.equal(failure, undefined, `${cell} ${contestant}: ${failure}`);
      assert.equal(samples.length, 1, `${cell} ${contestant}`);
      const [counted] = Object.values(samples[0]?.counts ?? {});
      assert.ok(counted !== undefined && counted > 0, `${cell} ${contestant}`);
    }
    const counts = (cell: string) => measurements.find((one) => one.cell === cell)?.samples[0]?.counts;
    assert.equal(counts("moments/timeouts")?.["timeouts"], 10_000);
    assert.ok((counts("moments/hour")?.["events"] ?? 0) >= 100_000);
    assert.ok((counts("moments/hour")?.["seconds"] ?? 0) >= 3600);
    assert.match(stdout, /^\| toy loop, drained by turns of the event loop \| [\d.]+ [kM]? ?\(1\.00\) +\|$/m);
    assert.match(stdout, /^\| 300 nodes up: below 250 ms +\| [\d.]+ ms +\| (yes|\*\*no\*\*) +\|$/m);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

for (const { name, options, text } of [
  { name: "cell", options: ["--cells", "fire/7"], text: 'Cannot measure "fire/7": there is no such cell' },
  { name: "section", options: ["--sections", "sleep"], text: 'Cannot measure "sleep": there is no such section' },
  { name: "count", options: ["--rounds", "0"], text: 'Cannot use --rounds "0": write a whole number above 0' },
]) {
  test(`npm run bench:sim refuses a ${name} that it does not know, with exit code 2`, async () => {
    await assert.rejects(bench(...options), (error: { code: number; stderr: string }) => {
      assert.equal(error.code, 2);
      assert.ok(error.stderr.startsWith(text), error.stderr);
      return true;
    });
  });
}
