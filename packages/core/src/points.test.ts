import assert from "node:assert/strict";
import { test } from "node:test";
import { POINT_HELD_MAX, POINT_RULES_MAX } from "./limits.ts";
import { OrreryError } from "./orrery-error.ts";
import type { PointHit } from "./point.ts";
import { createPoints, type PointAction, type PointMatch } from "./points.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";

/** A passing as a node would tell it; `log` notes what it is asked to do. */
function hit(over: Partial<PointHit> = {}, log: string[] = []): PointHit {
  return {
    name: "after-charge",
    data: undefined,
    node: "a",
    component: "till",
    method: "charge",
    instance: "till.0-x",
    flow: { id: 7, node: "web", name: "checkout", parentId: 0 },
    messageId: 9,
    source: { node: "web", instance: "", incarnation: 1 },
    agent: "ann",
    duplicate: () => void log.push("duplicate"),
    crash: (cause) => void log.push(`crash: ${(cause as Error).message}`),
    ...over,
  };
}

const matches: readonly (readonly [what: string, match: Partial<PointMatch>, fits: boolean])[] = [
  ["a glob of the name", { at: "after-*" }, true],
  ["another name", { at: "before-charge" }, false],
  ["the flow's name", { flow: "checkout" }, true],
  ["a glob of the flow's name", { flow: "check*" }, true],
  ["another flow's name", { flow: "refund" }, false],
  ["the flow's id", { flow: 7 }, true],
  ["another flow's id", { flow: 8 }, false],
  ["the flow as log lines have it", { flow: "web/7" }, true],
  ["a flow of another node as log lines have it", { flow: "app/7" }, false],
  ["the flow itself", { flow: { id: 7, node: "web", name: "", parentId: 0 } }, true],
  ["a flow of another node", { flow: { id: 7, node: "app", name: "checkout", parentId: 0 } }, false],
  ["the node", { node: "a" }, true],
  ["another node", { node: "b*" }, false],
  ["the component and method", { component: "till", method: "ch*" }, true],
  ["another component", { component: "bank" }, false],
  ["another method", { method: "refund" }, false],
  ["a predicate that says yes", { when: ({ agent }) => agent === "ann" }, true],
  ["a predicate that says no", { when: ({ agent }) => agent === "bob" }, false],
];

for (const [what, match, fits] of matches) {
  test(`createPoints ${fits ? "acts on" : "lets pass"} a passing that is told by ${what}`, () => {
    const points = createPoints({ clock: createTestClock() });
    const rule = points.inject({ at: "after-charge", ...match }, { observe: () => undefined });
    void points.onPoint(hit());
    assert.equal(rule.hits, fits ? 1 : 0);
  });
}

test("createPoints gives nothing to wait for where no rule fits", () => {
  const points = createPoints({ clock: createTestClock() });
  assert.equal(points.onPoint(hit()), undefined);
  points.inject({ at: "elsewhere" }, { hold: true });
  assert.equal(points.onPoint(hit()), undefined);
});

test("createPoints delays one flow out of a hundred", async () => {
  const clock = createTestClock();
  const points = createPoints({ clock });
  const rule = points.inject({ at: "after-charge", flow: 42 }, { delay: 30 });
  const passed: number[] = [];
  for (let id = 0; id < 100; id++) {
    const flow = { id, node: "web", name: "", parentId: 0 };
    void Promise.resolve(points.onPoint(hit({ flow }))).then(() => passed.push(id));
  }
  await clock.advance(29);
  assert.equal(passed.length, 99);
  assert.equal(passed.includes(42), false);
  await clock.advance(1);
  assert.equal(passed.at(-1), 42);
  assert.equal(rule.hits, 1);
});

test("createPoints counts for each rule by itself, and acts on the n-th only", async () => {
  const points = createPoints({ clock: createTestClock() });
  const log: string[] = [];
  const third = points.inject({ at: "*", nth: 3 }, { observe: ({ data }) => log.push(`third ${data}`) });
  const second = points.inject({ at: "*", node: "a", nth: 2 }, { observe: ({ data }) => log.push(`second ${data}`) });
  for (const [data, node] of ["a", "b", "a", "a"].entries()) await points.onPoint(hit({ data, node }));
  assert.deepEqual(log, ["third 2", "second 2"]);
  assert.deepEqual([third.hits, second.hits], [4, 3]);
});

test("createPoints holds until it is told to release, oldest first", async () => {
  const points = createPoints({ clock: createTestClock() });
  const rule = points.inject({ at: "after-charge" }, { hold: true });
  const passed: unknown[] = [];
  const come = (data: number) => void Promise.resolve(points.onPoint(hit({ data }))).then(() => passed.push(data));
  for (const data of [1, 2, 3]) come(data);
  await settle();
  assert.deepEqual(
    rule.held.map(({ data }) => data),
    [1, 2, 3],
  );
  assert.equal(rule.release(1), 1);
  await settle();
  assert.deepEqual(passed, [1]);
  assert.equal(rule.release(), 2);
  await settle();
  assert.deepEqual(passed, [1, 2, 3]);
  assert.equal(rule.held.length, 0);
});

for (const [how, end] of [
  ["its rule is removed", (rule: { remove(): void }) => rule.remove()],
  ["the points are cleared", (_: unknown, points: { clear(): void }) => points.clear()],
] as const) {
  test(`createPoints lets go of what is held when ${how}, and holds no more`, async () => {
    const points = createPoints({ clock: createTestClock() });
    const rule = points.inject({ at: "after-charge" }, { hold: true });
    const waiting = points.onPoint(hit());
    end(rule, points);
    await waiting;
    assert.equal(points.onPoint(hit()), undefined);
  });
}

test("createPoints clears itself at the end of a scope", async () => {
  let kept: ReturnType<typeof createPoints>;
  {
    using points = createPoints({ clock: createTestClock() });
    points.inject({ at: "*" }, { hold: true });
    kept = points;
  }
  assert.equal(kept.onPoint(hit()), undefined);
});

test("createPoints fails with the error it was given, or one of a code", async () => {
  const points = createPoints({ clock: createTestClock() });
  const error = new OrreryError("not_found", "No such card");
  points.inject({ at: "one" }, { fail: error });
  points.inject({ at: "two" }, { fail: "unavailable" });
  await assert.rejects(async () => points.onPoint(hit({ name: "one" })), error);
  await assert.rejects(async () => points.onPoint(hit({ name: "two" })), {
    code: "unavailable",
    message: 'Failed at point "two", as a rule asked',
  });
});

test("createPoints acts by every rule that fits, in their order", async () => {
  const clock = createTestClock();
  const points = createPoints({ clock });
  const log: string[] = [];
  points.inject({ at: "*" }, { delay: 5 });
  points.inject({ at: "*" }, { observe: () => log.push(`seen at ${clock.monotonic()}`) });
  points.inject({ at: "*" }, { duplicate: true });
  const waiting = points.onPoint(hit({}, log));
  await clock.advance(5);
  await waiting;
  assert.deepEqual(log, ["seen at 1005", "duplicate"]);
});

test("createPoints crashes an instance or a node, and what crashed goes no further", async () => {
  const log: string[] = [];
  const points = createPoints({ clock: createTestClock(), crashNode: ({ node }) => void log.push(`node ${node}`) });
  points.inject({ at: "one" }, { crash: true });
  points.inject({ at: "two" }, { crash: "node" });
  for (const name of ["one", "two"])
    void Promise.resolve(points.onPoint(hit({ name }, log))).then(() => log.push("went on"));
  await settle();
  assert.deepEqual(log, ['crash: Crashed at point "one", as a rule asked', "node a"]);
});

const refused: readonly (readonly [what: string, match: unknown, action: unknown, message: RegExp])[] = [
  [
    "an empty name",
    { at: "" },
    { delay: 1 },
    /^Cannot add a rule at point "": a rule needs the name of its point, write/,
  ],
  ["nth 0", { at: "x", nth: 0 }, { delay: 1 }, /nth is 0, write a whole number from 1/],
  ["half an nth", { at: "x", nth: 1.5 }, { delay: 1 }, /nth is 1.5/],
  ["an unknown action", { at: "x" }, { explode: true }, /its action is "explode", write one of delay, hold, fail/],
  ["two actions", { at: "x" }, { delay: 1, hold: true }, /its action is "delay, hold"/],
  ["no action", { at: "x" }, undefined, /its action is "", write one of/],
  ["a negative delay", { at: "x" }, { delay: -1 }, /delay is -1, write ms from 0/],
  ["an endless delay", { at: "x" }, { delay: Number.POSITIVE_INFINITY }, /delay is Infinity/],
  ["a code that is none", { at: "x" }, { fail: "broken" }, /fail is "broken", give an OrreryError or one of canceled/],
  ["a hold that is false", { at: "x" }, { hold: false }, /hold is not true, write \{ hold: true \}/],
  ["an observer that is none", { at: "x" }, { observe: 1 }, /observe is no function/],
  [
    "a crash of something else",
    { at: "x" },
    { crash: "machine" },
    /crash is "machine", write true, "instance" or "node"/,
  ],
  ["a crash of a node that cannot", { at: "x" }, { crash: "node" }, /nothing here can crash a node, give createPoints/],
];

for (const [what, match, action, message] of refused) {
  test(`createPoints refuses ${what}`, () => {
    const points = createPoints({ clock: createTestClock() });
    const inject = () => points.inject(match as PointMatch, action as PointAction);
    assert.throws(inject, { code: "invalid_argument", message });
  });
}

test("createPoints takes as many rules as its bound says, and no more", () => {
  const points = createPoints({ clock: createTestClock() });
  const rules = Array.from({ length: POINT_RULES_MAX }, () => points.inject({ at: "x" }, { delay: 1 }));
  assert.throws(() => points.inject({ at: "x" }, { delay: 1 }), {
    code: "resource_exhausted",
    message: `Cannot add a rule at point "x": there are ${POINT_RULES_MAX}, remove some`,
  });
  rules[0]?.remove();
  points.inject({ at: "x" }, { delay: 1 });
});

test("createPoints holds as many as its bound says, and fails the next", async () => {
  const points = createPoints({ clock: createTestClock() });
  const rule = points.inject({ at: "*" }, { hold: true });
  const waiting = Array.from({ length: POINT_HELD_MAX }, () => points.onPoint(hit()));
  assert.equal(rule.held.length, POINT_HELD_MAX);
  await assert.rejects(async () => points.onPoint(hit()), { code: "resource_exhausted" });
  rule.release();
  await Promise.all(waiting);
});
