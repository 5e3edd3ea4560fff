import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Results } from "./lib/results.ts";

const START = join(import.meta.dirname, "start.ts");
const words = process.execArgv.filter((word) => /^(-C|source|--conditions.*)$/.test(word));

function bench(...options: string[]) {
  return promisify(execFile)(process.execPath, [...words, START, ...options]);
}

test("npm run bench measures contestants side by side and prints their tables", async () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-bench-test-"));
  const json = join(folder, "results.json");
  try {
    const { stdout } = await bench(
      ...["--quick", "--sections", "network,process", "--json", json],
      ...["--only", "tcp,orrery,moleculer,direct,orrery-copy", "--cells", "64B/1,64B/64,order/64"],
    );
    const { network, process: local } = JSON.parse(readFileSync(json, "utf8")) as Results;
    assert.equal(network.length, 9);
    assert.equal(local.length, 2);
    for (const { contestant, cell, samples, failure } of [...network, ...local]) {
      assert.equal(failure, undefined, `${contestant} ${cell}: ${failure}`);
      assert.ok(samples.length === 1 && samples[0] !== undefined && samples[0].rate > 0, `${contestant} ${cell}`);
      assert.ok(samples[0].cpuMicros > 0, `${contestant} ${cell}`);
    }
    assert.match(stdout, /^\| TCP, framed \(control\) +\| [\d.]+ [kM]? ?\(1\.00\) +\| [\d.]+ [kM]? ?\(1\.00\) +\|$/m);
    assert.match(
      stdout,
      /^\| order, 64, end to end: at least 0\.4 of the control +\| [\d.]+ × +\| (yes|\*\*no\*\*) +\|$/m,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

for (const { name, options, text } of [
  { name: "contestant", options: ["--only", "corba"], text: 'Cannot measure "corba": there is no such contestant' },
  { name: "cell", options: ["--cells", "1MB/1"], text: 'Cannot measure "1MB/1": there is no such cell' },
  { name: "count", options: ["--rounds", "0"], text: 'Cannot use --rounds "0": write a whole number above 0' },
]) {
  test(`npm run bench refuses a ${name} that it does not know, with exit code 2`, async () => {
    await assert.rejects(bench(...options), (error: { code: number; stderr: string }) => {
      assert.equal(error.code, 2);
      assert.ok(error.stderr.startsWith(text), error.stderr);
      return true;
    });
  });
}
