import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogEntry } from "@orrery/core";
import type { DebugWatchOptions } from "./debug-watches.ts";
import { DEBUG_WATCH_DEFAULT_MS, DEBUG_WATCH_MAX_MS, DEBUG_WATCHES_MAX } from "./limits.ts";
import { createTelemetry } from "./telemetry.ts";
import { First, makeHopsWorld } from "./testing/hops-world.ts";

const FLOWS = 100;

/** The world, with what each node logs. */
async function watched() {
  const hops = await makeHopsWorld({ ratio: 0 });
  const lines: LogEntry[] = [];
  for (const telemetry of hops.telemetry.values()) telemetry.logs.add((entry) => lines.push(entry));
  const { world, caller, telemetry } = hops;
  const callAll = async () => {
    lines.length = 0;
    const flows = Array.from({ length: FLOWS }, (_, index) => caller.life.beginFlow(`booking-${index}`));
    await world.settle(Promise.all(flows.map((flow) => flow.client(First).ask({ tag: flow.name }))));
    await world.settle(Promise.all(flows.map((flow) => flow.end())));
    return flows;
  };
  const spans = () => [...telemetry.values()].flatMap((one) => one.spans());
  return { ...hops, lines, callAll, spans };
}

test("debug.watch shows one flow of a hundred at every node that it leads to, and ends by itself", async () => {
  const { world, telemetryOf, callAll, lines, spans } = await watched();
  await callAll();
  assert.deepEqual([lines.length, spans().length], [0, 0]);
  const { debug } = telemetryOf("caller");
  debug.watch({ flow: "booking-42", forMs: 60_000 });
  const flow = (await callAll())[42] ?? assert.fail("no flow");
  const name = `${flow.node}/${flow.id}`;
  assert.deepEqual([...new Set(lines.map(({ fields }) => fields["flow"]))], [name]);
  assert.deepEqual([...new Set(lines.map(({ fields }) => fields["node"]))].sort(), ["caller", "one", "three", "two"]);
  const texts = lines.map(({ text }) => text);
  for (const text of ["message queued", "message received", "message started", "message ended", "message returned"])
    assert.equal(texts.filter((one) => one === text).length, 3, text);
  assert.ok(texts.includes("first was asked") && texts.includes("third was asked"), "its handlers' own lines at debug");
  assert.ok(lines.every(({ level, fields }) => level === "debug" && fields["watched"] === true));
  assert.equal(spans().length, 6);
  assert.ok(spans().every((span) => span.flow.id === flow.id && span.watched));
  assert.deepEqual([debug.list().length, debug.list()[0]?.messages], [1, 1]);
  await world.run({ forMs: 60_000 });
  await callAll();
  assert.deepEqual([lines.length, spans().length, debug.list()], [0, 6, []]);
});

test("debug.watch shows a component at its own node, with what it leads to, of flows that nobody traced", async () => {
  const { telemetryOf, callAll, lines, spans } = await watched();
  telemetryOf("two").debug.watch({ component: "second", flow: "booking-7*" });
  await callAll();
  const nodes = spans().map(({ node, side, component }) => `${node} ${side} ${component}`);
  assert.deepEqual([...new Set(nodes)].sort(), ["three receiver third", "two receiver second", "two sender third"]);
  assert.equal(nodes.length, 3 * 11); // booking-7 and booking-70 to booking-79.
  assert.equal(lines.filter(({ fields }) => fields["node"] === "one").length, 0);
});

test("debug.watch is changed while it runs, forgotten, and ends after so many messages", async () => {
  const { telemetryOf, callAll, spans } = await watched();
  const { debug } = telemetryOf("caller");
  const { id, leftMs } = debug.watch({ flow: "booking-1" });
  assert.equal(leftMs, DEBUG_WATCH_DEFAULT_MS);
  assert.equal(debug.change(id, { flow: "booking-2", forMs: 1000 }).leftMs, 1000);
  await callAll();
  assert.deepEqual([...new Set(spans().map(({ flow }) => flow.name))], ["booking-2"]);
  assert.deepEqual([debug.forget(id), debug.forget(id), debug.list()], [true, false, []]);
  assert.throws(() => debug.change(id, { forMs: 5 }), { code: "not_found" });
  debug.watch({ flow: "booking-*", messagesMax: 3 });
  await callAll();
  assert.equal(new Set(spans().map(({ flow }) => flow.id)).size, 1 + 3);
  assert.deepEqual(debug.list(), []);
});

test("debug.watch follows a flow that has no name by node and id", async () => {
  const { world, caller, telemetryOf, spans } = await watched();
  const { flow } = await world.settle(caller.life.client(First).ask({ tag: "a" }));
  const [node = "", id = ""] = flow.split("/");
  telemetryOf("caller").debug.watch({ flow: `${node}/${Number(id) + 1}` });
  await world.settle(caller.life.client(First).ask({ tag: "b" }));
  assert.equal(spans().length, 6);
});

test(`debug.watch takes ${DEBUG_WATCHES_MAX} watches, and one more when one is forgotten`, () => {
  const { debug } = createTelemetry();
  const made = Array.from({ length: DEBUG_WATCHES_MAX }, (_, index) => debug.watch({ component: `c${index}` }));
  assert.throws(() => debug.watch({ component: "more" }), { code: "resource_exhausted" });
  debug.forget(made[3]?.id ?? 0);
  debug.watch({ component: "more" });
});

const refused: readonly (readonly [DebugWatchOptions, RegExp])[] = [
  [{}, /^Cannot watch nothing: name a flow, a component, or both$/],
  [{ flow: "a", forMs: 0 }, /^Cannot watch flow "a": forMs is 0, write a number of ms from 1 to 3600000$/],
  [{ flow: "a", component: "b", forMs: DEBUG_WATCH_MAX_MS + 1 }, /^Cannot watch flow "a" of component "b": forMs/],
  [{ component: "b", messagesMax: 1.5 }, /messagesMax is 1\.5, write a whole number from 1 to 1000000$/],
  [{ flow: 5 as never }, /name a flow/],
];

for (const [options, message] of refused) {
  test(`debug.watch refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => createTelemetry().debug.watch(options), { code: "invalid_argument", message });
  });
}
