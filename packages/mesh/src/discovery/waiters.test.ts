import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystemClock } from "@orrery/core";
import { WAITING_MAX } from "./limits.ts";
import { createWaiters } from "./waiters.ts";

/** A clock whose timers the test fires. */
function setUp() {
  const timers = new Set<() => void>();
  const clock = {
    ...createSystemClock(),
    timer(_delayMs: number, fire: () => void) {
      timers.add(fire);
      return { cancel: () => void timers.delete(fire) };
    },
  };
  let came = 0;
  const waiters = createWaiters(clock, () => came++);
  const wait = (component: string, signal?: AbortSignal) => waiters.wait(component, { withinMs: 10, signal });
  return { waiters, wait, timers, came: () => came };
}

test("createWaiters wakes those who wait for a component, and no others", async () => {
  const { waiters, wait, timers, came } = setUp();
  const [first, second, other] = [wait("a"), wait("a"), wait("b")];
  assert.deepEqual([waiters.components(), came(), timers.size], [["a", "b"], 3, 3]);
  waiters.wake("a");
  assert.deepEqual([await first, await second], [true, true]);
  assert.deepEqual(waiters.components(), ["b"]);
  waiters.close();
  assert.equal(await other, false);
  assert.equal(await wait("a"), false);
  assert.equal(timers.size, 0);
});

test("createWaiters lets go of who has waited long enough, or is called off", async () => {
  const { waiters, wait, timers } = setUp();
  const called = new AbortController();
  const [late, off] = [wait("a"), wait("b", called.signal)];
  called.abort();
  assert.equal(await off, false);
  for (const fire of timers) fire();
  assert.equal(await late, false);
  assert.equal(await wait("c", called.signal), false);
  assert.deepEqual(waiters.components(), []);
});

test("createWaiters lets as many wait as may, and not one past it", async () => {
  const { waiters, wait } = setUp();
  const waiting = Array.from({ length: WAITING_MAX }, () => wait("a"));
  assert.equal(await wait("b"), false);
  waiters.wake("a");
  assert.ok((await Promise.all(waiting)).every((isKnown) => isKnown));
  void wait("b");
  assert.deepEqual(waiters.components(), ["b"]);
});
