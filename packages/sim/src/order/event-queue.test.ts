import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareWithinRound, Phase } from "./event-key.ts";
import { createEventQueue, type EventPlan, type EventQueue, type PlannedEvent } from "./event-queue.ts";

const nothing = () => undefined;

function planned(tick: number, sequence: number, more: Partial<EventPlan> = {}): EventPlan {
  return { tick, phase: Phase.timer, target: 1, origin: 1, sequence, run: nothing, ...more };
}

function takeAll(queue: EventQueue): PlannedEvent[] {
  const taken: PlannedEvent[] = [];
  for (let event = queue.take(); event !== undefined; event = queue.take()) taken.push(event);
  return taken;
}

const plans = fc.array(
  fc.record({
    tick: fc.oneof(fc.nat(5), fc.nat(1_000_000)),
    phase: fc.constantFrom(...Object.values(Phase)),
    target: fc.nat(3),
    origin: fc.nat(3),
    isCancelled: fc.boolean(),
  }),
  { maxLength: 60 },
);

test("createEventQueue gives events in the order of their keys, whatever the order in which they came", () => {
  fc.assert(
    fc.property(plans, fc.nat(), (list, seed) => {
      const all = list.map((plan, index) => ({ ...plan, sequence: index + 1, run: nothing }));
      const orders = [
        all,
        [...all].sort((a, b) => ((a.sequence * 7919 + seed) % 101) - ((b.sequence * 7919 + seed) % 101)),
      ];
      const [first, second] = orders.map((order) => {
        const queue = createEventQueue();
        for (const plan of order) {
          const event = queue.add(plan);
          if (plan.isCancelled) queue.cancel(event);
        }
        assert.equal(queue.size, list.filter(({ isCancelled }) => !isCancelled).length);
        return takeAll(queue);
      });
      assert.deepEqual(
        first?.map(({ sequence }) => sequence),
        second?.map(({ sequence }) => sequence),
      );
      const expected = all
        .filter(({ isCancelled }) => !isCancelled)
        .map((plan) => ({ ...plan, round: 0 }))
        .sort((a, b) => a.tick - b.tick || compareWithinRound(a, b));
      assert.deepEqual(
        first?.map(({ sequence }) => sequence),
        expected.map(({ sequence }) => sequence),
      );
    }),
  );
});

test("createEventQueue puts what an event causes at its own tick a round later", () => {
  const queue = createEventQueue();
  queue.add(planned(5, 1));
  queue.add(planned(5, 2));
  assert.equal(queue.take()?.sequence, 1);
  queue.add(planned(5, 3, { phase: Phase.control }));
  const order = takeAll(queue).map(({ sequence, round }) => [sequence, round]);
  assert.deepEqual(order, [
    [2, 0],
    [3, 1],
  ]);
  queue.add(planned(5, 4));
  assert.equal(queue.take()?.round, 2);
});

test("createEventQueue forgets what is cancelled, also within the round under way", () => {
  const queue = createEventQueue();
  const events = [1, 2, 3].map((sequence) => queue.add(planned(1, sequence)));
  assert.equal(queue.take(), events[0]);
  queue.cancel(events[1] as PlannedEvent);
  const following = queue.add(planned(1, 4));
  queue.cancel(following);
  queue.cancel(events[0] as PlannedEvent);
  assert.equal(queue.size, 1);
  assert.equal(queue.nextTick, 1);
  assert.equal(queue.take(), events[2]);
  assert.equal(queue.take(), undefined);
  assert.equal(queue.nextTick, undefined);
});

test("createEventQueue goes on to a tick that nothing stands before", () => {
  const queue = createEventQueue();
  queue.add(planned(10, 1));
  queue.advance(10);
  assert.equal(queue.tick, 10);
  assert.equal(queue.take()?.sequence, 1);
  queue.add(planned(20, 2));
  assert.throws(() => queue.advance(21), /Cannot go on to tick 21: an event stands at 20/);
  assert.throws(() => queue.add(planned(9, 3)), /Cannot plan an event at tick 9: the world is at 10/);
  assert.throws(() => queue.add(planned(10.5, 3)), /give a later whole one/);
});

test("createEventQueue keeps no more memory for timers that were cancelled", () => {
  const queue = createEventQueue();
  for (let index = 0; index < 200_000; index++) queue.cancel(queue.add(planned(1_000_000 + index, index)));
  assert.equal(queue.size, 0);
  assert.equal(queue.nextTick, undefined);
});

const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), after: fc.oneof(fc.nat(3), fc.nat(20_000)), target: fc.nat(3) }),
  fc.record({ kind: fc.constant("take" as const) }),
  fc.record({ kind: fc.constant("cancel" as const), which: fc.nat(40) }),
  fc.record({ kind: fc.constant("postpone" as const), which: fc.nat(40), by: fc.oneof(fc.nat(3), fc.nat(20_000)) }),
  fc.record({ kind: fc.constant("advance" as const), by: fc.nat(10_000) }),
);

test("createEventQueue does what a sorted list does, event by event", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queue = createEventQueue();
      const events: PlannedEvent[] = [];
      const expected = () =>
        events
          .filter(({ pending }) => pending)
          .sort((a, b) => a.tick - b.tick || a.round - b.round || compareWithinRound(a, b));
      for (const [index, one] of steps.entries()) {
        const which = "which" in one ? events[one.which] : undefined;
        const [first] = expected();
        if (one.kind === "add") {
          events.push(queue.add(planned(queue.tick + one.after, index + 1, { target: one.target })));
        } else if (one.kind === "take") assert.equal(queue.take(), first);
        else if (one.kind === "advance") queue.advance(Math.min(queue.tick + one.by, first?.tick ?? queue.tick));
        else if (which !== undefined && one.kind === "cancel") queue.cancel(which);
        else if (which !== undefined && one.kind === "postpone") {
          queue.postpone(which, Math.max(queue.tick, which.tick) + one.by);
        }
        assert.equal(queue.size, expected().length);
        assert.equal(queue.nextTick, expected()[0]?.tick);
        const near = expected().filter(({ tick }) => tick <= (expected()[0]?.tick ?? 0) + 5000);
        assert.deepEqual(queue.ahead(5000, 7), near.slice(0, 7));
      }
      const left = expected();
      assert.deepEqual(takeAll(queue), left);
    }),
    { numRuns: 300 },
  );
});
