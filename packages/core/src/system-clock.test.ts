import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystemClock } from "./system-clock.ts";

test("createSystemClock tells the machine's time", () => {
  const clock = createSystemClock();
  assert.ok(Math.abs(clock.now() - Date.now()) < 1000);
  const before = clock.monotonic();
  assert.ok(clock.monotonic() >= before);
});

test("createSystemClock is never early, not by a fraction of a millisecond", async () => {
  const clock = createSystemClock();
  for (const delayMs of [0, 0.4, 1, 1.9, 3.5, 7.1]) {
    const startMs = clock.monotonic();
    await clock.sleep(delayMs);
    const tookMs = clock.monotonic() - startMs;
    assert.ok(tookMs >= delayMs, `${tookMs} ms in place of ${delayMs} ms`);
  }
});

test("createSystemClock does not fire at once for a delay that is longer than the machine's timers take", async () => {
  const clock = createSystemClock();
  let fired = false;
  const timer = clock.timer(2 ** 40, () => {
    fired = true;
  });
  await clock.sleep(20);
  timer.cancel();
  assert.equal(fired, false);
});

test("createSystemClock cancels a timer, also twice and after it fired", async () => {
  const clock = createSystemClock();
  let fired = 0;
  const cancelled = clock.timer(1, () => fired++);
  cancelled.cancel();
  cancelled.cancel();
  const timer = clock.timer(1, () => fired++);
  await clock.sleep(15);
  timer.cancel();
  assert.equal(fired, 1);
});
