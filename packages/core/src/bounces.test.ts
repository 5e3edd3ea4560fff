import assert from "node:assert/strict";
import { test } from "node:test";
import { Bounces, noteEnd } from "./bounces.ts";
import { createEnvelope, type Head, Kind } from "./envelope.ts";
import { BOUNCED_FIRST_MS, BOUNCED_MAX_MS, BOUNCING_COMPONENTS_MAX } from "./limits.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import type { Reason } from "./reasons.ts";

/** A clock that is set by hand. */
function handClock() {
  const clock = { nowMs: 0, monotonic: () => clock.nowMs };
  return clock;
}

test("Bounces count for twice as long after each try, up to a second, and at once for less after an answer", () => {
  const clock = handClock();
  const bounces = new Bounces(clock);
  const times: number[] = [];
  const bounce = () => {
    bounces.add("task");
    const beganMs = clock.nowMs;
    while (bounces.has("task")) clock.nowMs++;
    times.push(clock.nowMs - beganMs);
  };
  for (let time = 0; time < 9; time++) bounce();
  assert.deepEqual(times, [10, 20, 40, 80, 160, 320, 640, BOUNCED_MAX_MS, BOUNCED_MAX_MS]);
  assert.equal(bounces.answered("task"), true);
  bounce();
  assert.equal(times.at(-1), BOUNCED_FIRST_MS);
});

test("Bounces of one time count as one, and an answer in it ends nothing", () => {
  const clock = handClock();
  const bounces = new Bounces(clock);
  for (let time = 0; time < 100; time++) bounces.add("task");
  clock.nowMs = BOUNCED_FIRST_MS - 1;
  assert.equal(bounces.answered("task"), false);
  assert.equal(bounces.has("task"), true);
  clock.nowMs = BOUNCED_FIRST_MS;
  assert.equal(bounces.has("task"), false);
});

test("Bounces tell components apart, and forget the first over their bound", () => {
  const bounces = new Bounces(handClock());
  for (let index = 0; index < BOUNCING_COMPONENTS_MAX; index++) bounces.add(`c${index}`);
  assert.deepEqual([bounces.has("c0"), bounces.has("other")], [true, false]);
  bounces.add("other");
  assert.deepEqual([bounces.has("c0"), bounces.has("c1"), bounces.has("other")], [false, true, true]);
});

for (const [error, counts] of [
  ...(["overloaded", "draining", "not_ready", "circuit_open", "throttled", "no_such_component"] as const).map(
    (reason) => [reason, true] as const,
  ),
  ...(["malformed", "expired", "timeout", "cancelled", "connection_lost"] as const).map(
    (reason) => [reason, false] as const,
  ),
] satisfies readonly (readonly [Reason, boolean])[])
  test(`noteEnd ${counts ? "takes note" : "takes no note"} of a call that ended by ${error}`, () => {
    const clock = handClock();
    const port: Port = { carriesValues: false, link: undefined, inFlight: 0, send: () => "accepted" };
    const envelope = createEnvelope(Kind.request, 1, { component: "task" } as Head);
    noteEnd({ port, envelope }, failure(error, "it failed"), clock);
    assert.equal(port.bounces?.has("task") === true, counts);
  });

test("noteEnd leaves nothing at a place that answers again, by a reply or by a declared error", () => {
  for (const answer of [undefined, new OrreryError("not_found", "no such order")]) {
    const clock = handClock();
    const port: Port = { carriesValues: false, link: undefined, inFlight: 0, send: () => "accepted" };
    const envelope = createEnvelope(Kind.request, 1, { component: "task" } as Head);
    noteEnd({ port, envelope }, failure("overloaded", "it is full"), clock);
    clock.nowMs = BOUNCED_FIRST_MS;
    noteEnd({ port, envelope }, failure("timeout", "no answer"), clock);
    assert.ok(port.bounces);
    noteEnd({ port, envelope }, answer, clock);
    assert.equal(port.bounces, undefined);
  }
});
