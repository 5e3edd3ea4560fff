import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock } from "@orrery/core";
import { createBenchClock } from "./bench-clock.ts";

/** A machine whose time passes by hand. */
function machine(isLive = false) {
  let nowMs = 5_000;
  const timers = new Set<{ dueMs: number; fire: () => void }>();
  const real: Pick<Clock, "monotonic" | "timer"> = {
    monotonic: () => nowMs,
    timer: (delayMs, fire) => {
      const one = { dueMs: nowMs + delayMs, fire };
      timers.add(one);
      return { cancel: () => void timers.delete(one) };
    },
  };
  const pass = (ms: number) => {
    nowMs += ms;
    for (const one of [...timers]) if (one.dueMs <= nowMs && timers.delete(one)) one.fire();
  };
  return { clock: createBenchClock({ atMs: 1_000_000, real: real as Clock, isLive }), pass, count: () => timers.size };
}

describe("createBenchClock", () => {
  it("stands still until it is moved, by exactly as much", () => {
    const { clock, pass } = machine();
    pass(7_000);
    assert.deepEqual([clock.now(), clock.monotonic()], [1_000_000, 0]);
    clock.move(3_600_000);
    pass(1);
    assert.deepEqual([clock.now(), clock.monotonic()], [4_600_000, 3_600_000]);
  });

  it("adds nothing to what passes by itself, where it is moved as that passes", () => {
    const { clock, pass } = machine(true);
    const fired: string[] = [];
    clock.timer(2_000, () => fired.push("a"));
    pass(1_000);
    clock.move(1_000);
    assert.deepEqual([fired, clock.now()], [[], 1_001_000]);
    pass(1_000);
    clock.move(1_000);
    assert.deepEqual([fired, clock.now()], [["a"], 1_002_000]);
  });

  it("fires what waits once, in its order, when enough has passed by hand and by itself together", () => {
    const { clock, pass, count } = machine();
    const fired: string[] = [];
    clock.timer(30, () => fired.push("c"));
    clock.timer(10, () => fired.push("a"));
    clock.timer(20, () => {
      fired.push("b");
      cancelled.cancel();
    });
    const cancelled = clock.timer(25, () => fired.push("cancelled"));
    pass(6);
    clock.move(3);
    assert.deepEqual(fired, []);
    clock.move(1);
    assert.deepEqual(fired, ["a"]);
    pass(10);
    assert.deepEqual(fired, ["a", "b"]);
    clock.move(1_000);
    pass(1_000);
    assert.deepEqual(fired, ["a", "b", "c"]);
    assert.equal(count(), 0);
  });

  it("lets whoever sleeps go when it is moved, or gives up", async () => {
    const { clock } = machine();
    const end = new AbortController();
    const asleep = clock.sleep(60_000);
    const given = clock.sleep(60_000, end.signal);
    end.abort(new Error("enough"));
    await assert.rejects(given, /enough/);
    clock.move(60_000);
    await asleep;
  });
});
