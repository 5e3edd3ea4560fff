import assert from "node:assert/strict";
import { test } from "node:test";
import { OrreryError } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import { createHistory } from "./history.ts";

function started() {
  let time = 0;
  return createHistory<string, number>({ now: () => time++ });
}

const shown = (history: ReturnType<typeof started>) =>
  history
    .operations()
    .map(({ process, outcome, output, callAt, returnAt }) => [process, outcome, output, callAt, returnAt]);

test("createHistory records calls, returns and outputs in the order of the calls", () => {
  const history = started();
  const first = history.invoke(0, "a");
  const second = history.invoke(1, "b");
  second.ok(2);
  first.fail();
  history.invoke(0, "c").ok(3);
  assert.deepEqual(shown(history), [
    [0, "fail", undefined, 0, 3],
    [1, "ok", 2, 1, 2],
    [0, "ok", 3, 4, 5],
  ]);
});

test("createHistory gives a process a fresh number after an unknown outcome, and another caller of that number one more", () => {
  const history = started();
  history.invoke(0, "a").unknown();
  history.invoke(0, "b").ok(1);
  history.invoke(1, "c").ok(1);
  history.invoke(0, "d").unknown();
  history.invoke(0, "e").ok(1);
  const processes = history.operations().map(({ process }) => process);
  assert.deepEqual(processes, [0, 1, 2, 1, 3]);
});

test("createHistory counts open operations as unknown, and what it gave before does not change", () => {
  const history = started();
  const open = history.invoke(0, "a");
  const before = history.operations();
  open.ok(1);
  assert.deepEqual(before, [
    { process: 0, input: "a", callAt: 0, returnAt: Number.POSITIVE_INFINITY, outcome: "unknown" },
  ]);
  assert.equal(history.operations()[0]?.outcome, "ok");
});

test("createHistory refuses a second operation of a process, and a second end", () => {
  const history = started();
  const open = history.invoke(7, "a");
  assert.throws(() => history.invoke(7, "b"), /Cannot invoke for process 7: its a is still open, end that/);
  open.ok(1);
  assert.throws(() => open.unknown(), /Cannot end a of process 7: it has ended, end it once/);
  assert.equal(history.operations()[0]?.outcome, "ok");
});

const endings: [string, () => Promise<number>, string, number | undefined][] = [
  ["a reply as ok", async () => 5, "ok", 5],
  ["a bounce as failed", () => Promise.reject(failure("overloaded", "full")), "fail", undefined],
  ["what was never sent as failed", () => Promise.reject(failure("not_connected", "no way")), "fail", undefined],
  ["a timeout as unknown", () => Promise.reject(failure("timeout", "late")), "unknown", undefined],
  ["a lost connection as unknown", () => Promise.reject(failure("connection_lost", "cut")), "unknown", undefined],
  ["a handler that threw as unknown", () => Promise.reject(failure("handler_threw", "oops")), "unknown", undefined],
  ["a declared error as what it says", () => Promise.reject(new OrreryError("already_exists", "there")), "ok", -1],
  [
    "a declared error that says nothing as unknown",
    () => Promise.reject(new OrreryError("aborted", "no")),
    "unknown",
    undefined,
  ],
];
for (const [what, call, outcome, output] of endings)
  test(`record notes ${what}, and gives the outcome`, async () => {
    const history = started();
    const declared = (error: OrreryError) => (error.code === "already_exists" ? -1 : undefined);
    const given = await history.record(0, "a", call, { declared });
    const [operation] = history.operations();
    assert.deepEqual([operation?.outcome, operation?.output], [outcome, output]);
    assert.equal(given.kind === "reply", what === "a reply as ok");
  });

test("record throws on what is no outcome of a call, and notes it as unknown", async () => {
  const history = started();
  const broken = () => Promise.reject(new TypeError("no such method"));
  await assert.rejects(history.record(0, "a", broken), TypeError);
  assert.equal(history.operations()[0]?.outcome, "unknown");
});
