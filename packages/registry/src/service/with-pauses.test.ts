import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Clock, createSystemClock } from "@orrery/core";
import { withPauses } from "./with-pauses.ts";

/** A clock that knows how many of its timers run. */
function countedClock(): { readonly clock: Clock; readonly running: () => number } {
  const system = createSystemClock();
  let running = 0;
  const clock: Clock = {
    ...system,
    sleep: async (delayMs, signal) => {
      running++;
      await system.sleep(delayMs, signal).finally(() => running--);
    },
  };
  return { clock, running: () => running };
}

async function* source(end: () => void): AsyncGenerator<number> {
  yield 1;
  yield 2;
  end();
}

describe("withPauses", () => {
  it("gives what its source gives, and leaves no timer behind", async () => {
    const { clock, running } = countedClock();
    const given: unknown[] = [];
    const all = source(() => undefined);
    for await (const item of withPauses(all, clock)) given.push(item);
    assert.deepEqual([given, running()], [[1, 2], 0]);
  });

  it("leaves no timer behind where its source fails, so that nothing holds the process", async () => {
    const { clock, running } = countedClock();
    const all = source(() => {
      throw new Error("the watch has ended");
    });
    const read = async () => {
      for await (const _ of withPauses(all, clock));
    };
    await assert.rejects(read, /the watch has ended/);
    await new Promise(setImmediate);
    assert.equal(running(), 0);
  });
});
