import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestClock, settle } from "./testing/test-clock.ts";

test("sleepWith waits for its time", async () => {
  const clock = createTestClock();
  let woke = false;
  void clock.sleep(10).then(() => {
    woke = true;
  });
  await clock.advance(9);
  assert.equal(woke, false);
  await clock.advance(1);
  assert.equal(woke, true);
});

test("sleepWith rejects with the signal's reason, and leaves no timer", async () => {
  const clock = createTestClock();
  const give = new AbortController();
  const slept = clock.sleep(10, give.signal);
  give.abort(new Error("enough"));
  await assert.rejects(slept, new Error("enough"));
  assert.equal(clock.timers, 0);
});

test("sleepWith rejects at once when the signal has aborted before", async () => {
  const clock = createTestClock();
  await assert.rejects(clock.sleep(10, AbortSignal.abort(new Error("before"))), new Error("before"));
  assert.equal(clock.timers, 0);
});

test("sleepWith lets go of the signal once it has slept", async () => {
  const clock = createTestClock();
  const give = new AbortController();
  let listeners = 0;
  const { signal } = give;
  const counted = {
    aborted: false,
    addEventListener: (...of: Parameters<AbortSignal["addEventListener"]>) => {
      listeners++;
      signal.addEventListener(...of);
    },
    removeEventListener: (...of: Parameters<AbortSignal["removeEventListener"]>) => {
      listeners--;
      signal.removeEventListener(...of);
    },
  } as AbortSignal;
  const slept = clock.sleep(10, counted);
  await clock.advance(10);
  await slept;
  await settle();
  assert.equal(listeners, 0);
});
