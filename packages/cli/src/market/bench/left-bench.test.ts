import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type } from "../../testing/memory-terminal.ts";

const PROGRAM = join(import.meta.dirname, "../../../bin/orrery.js");

/** Whether a process has not ended. */
function isAlive(pid: number): boolean {
  return !/^State:\s+Z/m.test(
    existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "State:\tZ",
  );
}

describe("orrery dev down", { timeout: 60_000 }, () => {
  it("ends the chain of a bench that was killed, and has commands not find that bench any more", async (context) => {
    const cwd = mkdtempSync(join(tmpdir(), "orrery-left-"));
    context.after(() => rmSync(cwd, { recursive: true, force: true }));
    const words = ["dev", "up", "--providers=0", "--output=json"];
    const bench = spawn(process.execPath, ["--conditions=source", PROGRAM, ...words], {
      ...{ cwd, stdio: ["ignore", "pipe", "inherit"] },
    });
    await once(bench.stdout, "data", { signal: context.signal });
    const { pid } = JSON.parse(readFileSync(join(cwd, ".orrery/dev/chain.json"), "utf8")) as { pid: number };
    const gone = once(bench, "exit");
    bench.kill("SIGKILL");
    await gone;
    assert.ok(isAlive(pid), "it outlives whoever was killed");
    const { exit, err } = await type(["dev", "down"], { cwd, env: { HOME: cwd } });
    assert.deepEqual([exit, err], [0, "The bench had ended; what it left running ended too\n"]);
    for (let looks = 0; looks < 500 && isAlive(pid); looks++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isAlive(pid), false);
    assert.match((await type(["dev", "down"], { cwd, env: { HOME: cwd } })).err, /Cannot find a market/);
  });
});
