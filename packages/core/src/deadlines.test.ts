import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { createDeadlines, type DeadlineEntry } from "./deadlines.ts";
import { createTestClock } from "./testing/test-clock.ts";

const START_MS = 1000;

class Entry implements DeadlineEntry {
  bucket = undefined;
  before = undefined;
  after = undefined;
  readonly atMs: number;
  readonly #onExpire: (entry: Entry) => void;

  constructor(atMs: number, onExpire: (entry: Entry) => void) {
    this.atMs = atMs;
    this.#onExpire = onExpire;
  }

  expire(): void {
    this.#onExpire(this);
  }
}

type Action = { kind: "add"; inMs: number } | { kind: "remove"; which: number } | { kind: "advance"; byMs: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), inMs: fc.integer({ min: 0, max: 120 }) }),
  fc.record({ kind: fc.constant("remove" as const), which: fc.nat({ max: 40 }) }),
  fc.record({ kind: fc.constant("advance" as const), byMs: fc.integer({ min: 0, max: 60 }) }),
);

test("createDeadlines expires each entry once, never early and at most a step late, and none that was removed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.constantFrom(1, 8, 25), async (actions, stepMs) => {
      const clock = createTestClock(START_MS);
      const deadlines = createDeadlines(clock, stepMs);
      const entries: Entry[] = [];
      const open = new Set<Entry>();
      const expired: Entry[] = [];
      for (const step of actions) {
        if (step.kind === "advance") await clock.advance(step.byMs);
        else if (step.kind === "remove") {
          const entry = entries[step.which];
          if (entry !== undefined) deadlines.remove(entry);
          if (entry !== undefined) open.delete(entry);
        } else {
          const entry = new Entry(clock.monotonic() + step.inMs, (late) => {
            assert.ok(open.delete(late), "expired though removed, or twice");
            const lateMs = clock.monotonic() - late.atMs;
            assert.ok(lateMs >= 0 && lateMs < stepMs, `${lateMs} ms late`);
            expired.push(late);
          });
          entries.push(entry);
          open.add(entry);
          deadlines.add(entry, entry.atMs);
        }
        for (const entry of open) assert.ok(clock.monotonic() - entry.atMs < stepMs, "not expired in time");
      }
      await clock.advance(1000);
      assert.equal(open.size, 0);
      assert.equal(clock.timers, 0);
      const steps = expired.map(({ atMs }) => Math.ceil(atMs / stepMs));
      assert.deepEqual(
        steps,
        steps.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("createDeadlines expires the entries of one step in the order they were added", async () => {
  const clock = createTestClock(START_MS);
  const deadlines = createDeadlines(clock, 10);
  const order: number[] = [];
  for (const atMs of [1009, 1001, 1005]) deadlines.add(new Entry(atMs, ({ atMs }) => order.push(atMs)), atMs);
  await clock.advance(10);
  assert.deepEqual(order, [1009, 1001, 1005]);
});

test("createDeadlines lets an entry that expires remove others and add new ones of the same step", async () => {
  const clock = createTestClock(START_MS);
  const deadlines = createDeadlines(clock, 10);
  const order: string[] = [];
  const removed = new Entry(1004, () => order.push("removed"));
  const added = new Entry(1009, () => order.push("added"));
  const first = new Entry(1003, () => {
    order.push("first");
    deadlines.remove(removed);
    deadlines.add(added, added.atMs);
  });
  deadlines.add(first, first.atMs);
  deadlines.add(removed, removed.atMs);
  await clock.advance(10);
  assert.deepEqual(order, ["first", "added"]);
});

test("createDeadlines waits on after a clock's timer that fired too early", async () => {
  const clock = createTestClock(START_MS);
  let earlyMs = 3;
  const timer = (delayMs: number, fire: () => void) => {
    const started = clock.timer(delayMs - earlyMs, fire);
    earlyMs = 0;
    return started;
  };
  const early = { ...clock, timer };
  const deadlines = createDeadlines(early, 10);
  const expired: number[] = [];
  deadlines.add(new Entry(1020, () => expired.push(clock.monotonic())), 1020);
  await clock.advance(19);
  assert.deepEqual(expired, []);
  await clock.advance(1);
  assert.deepEqual(expired, [1020]);
});

test("createDeadlines uses one timer for any number of entries", () => {
  const clock = createTestClock(START_MS);
  const deadlines = createDeadlines(clock, 8);
  for (let i = 0; i < 10_000; i++) deadlines.add(new Entry(1000 + i, () => undefined), 1000 + i);
  assert.equal(clock.timers, 1);
});

test("createDeadlines keeps no memory for what was removed long before its time", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const clock = createTestClock(START_MS);
  const deadlines = createDeadlines(clock, 1);
  const expired: number[] = [];
  const kept = new Entry(START_MS + 500, ({ atMs }) => expired.push(atMs));
  deadlines.add(kept, kept.atMs);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let index = 1; index <= 100_000; index++) {
    const entry = new Entry(START_MS + 1000 + index, () => assert.fail("expired"));
    deadlines.add(entry, entry.atMs);
    deadlines.remove(entry);
  }
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 2 ** 20, `${grown} bytes kept`);
  await clock.advance(200_000);
  assert.deepEqual(expired, [kept.atMs]);
});

test("createDeadlines expires nothing once it is closed", async () => {
  const clock = createTestClock(START_MS);
  const deadlines = createDeadlines(clock, 8);
  deadlines.add(new Entry(1010, () => assert.fail("expired")), 1010);
  deadlines.close();
  deadlines.add(new Entry(1001, () => assert.fail("expired")), 1001);
  await clock.advance(100);
  assert.equal(clock.timers, 0);
});
