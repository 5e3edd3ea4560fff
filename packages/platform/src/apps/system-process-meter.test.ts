import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { processorTimeOf } from "@orrery/mesh/supervise";
import { meterProcesses } from "./system-process-meter.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-used-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A meter over a file, of this process. */
function open(file: string, pids: readonly number[] = [process.pid]) {
  const counts: number[] = [];
  const sources = new Set<() => void>();
  const { collect, end } = meterProcesses({
    app: "demo.test:app",
    file: join(folder, file),
    meter: {
      count: (address, { cpuUs = 0 }) => {
        assert.equal(address, "demo.test:app");
        counts.push(cpuUs);
      },
      onCollect: (source) => {
        sources.add(source);
        return () => sources.delete(source);
      },
    },
    pids: () => pids,
  });
  return { collect, end, sources, sum: () => counts.reduce((sum, one) => sum + one, 0) };
}

/** Uses a processor, and says how much this process has used by then. */
function burn(): number {
  const before = process.cpuUsage();
  for (let used = 0; used < 50_000; ) used = process.cpuUsage(before).user;
  return processorTimeOf(process.pid)?.cpuUs ?? 0;
}

describe("meterProcesses", {
  skip: process.platform !== "linux" && "only Linux tells the time of each process",
}, () => {
  it("counts all that a process has used, and once where another goes on after it", () => {
    const atFirst = burn();
    const one = open("shared");
    one.collect();
    assert.ok(one.sum() >= atFirst);
    const later = burn();
    const other = open("shared");
    other.collect();
    assert.ok(one.sum() + other.sum() >= later);
    assert.ok(other.sum() < atFirst, "what one has counted, the other does not");
    assert.ok(Number.isInteger(other.sum()) && other.sum() > 0);
  });

  it("counts nothing of a process that has ended, and begins anew where its file was torn", () => {
    const gone = open("gone", [2 ** 22 + 1]);
    gone.collect();
    assert.equal(gone.sum(), 0);
    writeFileSync(join(folder, "torn"), '{"12/3');
    const torn = open("torn");
    torn.collect();
    assert.ok(torn.sum() >= 50_000);
  });

  it("is asked by its ledger until it ends", () => {
    const one = open("asked");
    assert.deepEqual([...one.sources], [one.collect]);
    one.end();
    assert.equal(one.sources.size, 0);
  });
});
