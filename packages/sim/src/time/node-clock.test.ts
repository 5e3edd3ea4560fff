import assert from "node:assert/strict";
import { test } from "node:test";
import { createScheduler } from "../order/scheduler.ts";
import { createNodeClock } from "./node-clock.ts";

function clockWith(skew: { offsetMs?: number; drift?: number } = {}) {
  const scheduler = createScheduler();
  return { scheduler, clock: createNodeClock({ scheduler, node: 1, timeOf: (tick) => 1_000_000 + tick / 1000, skew }) };
}

const runAll = (scheduler: ReturnType<typeof createScheduler>) => {
  while (scheduler.step() !== undefined);
};

test("createNodeClock fires timers in the order of their times, and time jumps to each", () => {
  const { scheduler, clock } = clockWith();
  const seen: string[] = [];
  clock.timer(30_000, () => seen.push(`late ${clock.monotonic()}`));
  clock.timer(0.5, () => seen.push(`early ${clock.monotonic()}`));
  const cancelled = clock.timer(1, () => seen.push("never"));
  clock.timer(0, () => {
    seen.push(`now ${clock.monotonic()}`);
    cancelled.cancel();
  });
  runAll(scheduler);
  assert.deepEqual(seen, ["now 0", "early 0.5", "late 30000"]);
  assert.equal(clock.now(), 1_030_000);
});

test("createNodeClock runs ahead, drifts and jumps, and what measures never goes back", () => {
  const { scheduler, clock } = clockWith({ offsetMs: 500, drift: 0.01 });
  let firedMs = 0;
  clock.timer(1010, () => {
    firedMs = clock.monotonic();
  });
  runAll(scheduler);
  assert.equal(scheduler.tick, 1_000_000);
  assert.ok(firedMs >= 1010 && firedMs < 1010.01);
  assert.ok(Math.abs(clock.now() - 1_001_510) < 0.01);
  clock.jump(-5000);
  assert.ok(Math.abs(clock.now() - 996_510) < 0.01);
  assert.equal(clock.monotonic(), firedMs);
});

test("createNodeClock fires nothing once it is stopped", () => {
  const { scheduler, clock } = clockWith();
  clock.timer(1, () => assert.fail("fired"));
  clock.stop();
  clock.timer(1, () => assert.fail("fired"));
  assert.equal(scheduler.planned, 0);
});
