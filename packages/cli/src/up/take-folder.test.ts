import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { takeFolder } from "./take-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-take-"));
after(() => rmSync(folder, { recursive: true }));

/** A clock whose time passes while somebody sleeps, and what he sees when he wakes up. */
function sleeper(onSleep: () => void) {
  let nowMs = 0;
  const sleep = async (ms: number) => {
    nowMs += ms;
    onSleep();
  };
  return { monotonic: () => nowMs, sleep };
}

describe("takeFolder", () => {
  it("waits for one that is about to end, says so once, and has the folder then", async () => {
    const steps: string[] = [];
    const onProgress = (step: string) => void steps.push(step);
    const first = await takeFolder(folder, { shown: "data", clock: sleeper(() => {}), onProgress });
    assert.deepEqual(steps, []);
    const clock = sleeper(() => first[Symbol.dispose]());
    const second = await takeFolder(folder, { shown: "data", clock, onProgress });
    assert.deepEqual(steps, ["waiting whether the orrery up that runs over the folder is about to end"]);
    second[Symbol.dispose]();
  });

  it("refuses a folder that another one keeps, with its process", async () => {
    const clock = sleeper(() => {});
    using _first = await takeFolder(folder, { shown: "data", clock, onProgress: () => {} });
    await assert.rejects(takeFolder(folder, { shown: "data", clock, onProgress: () => {} }), {
      code: "failed_precondition",
      message: `Cannot open "data": orrery up runs over it already, process ${process.pid}, stop that first, or name another folder with --data`,
    });
    assert.equal(clock.monotonic(), 3_000);
  });
});
