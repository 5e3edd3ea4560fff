import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { Cell, Counter, cell, counter, Till, till } from "../testing/shop.ts";
import { createWorld } from "../world/create-world.ts";
import type { WorldOptions } from "../world/world-options.ts";
import type { TraceRecord } from "./trace.ts";

/** A run with calls that lead to calls, a loss, a crash in the middle of a handler, and a restart. */
async function run(options: WorldOptions) {
  const world = createWorld({ seed: 3, link: { latency: 5 }, ...options });
  world.node("till", { components: [till] });
  world.node("store", { components: [cell, counter], zone: "north" });
  const visitor = world.node("visitor");
  await world.start();
  const { life } = visitor;
  const flow = life.beginFlow("checkout");
  world.messages({ from: "till", to: "store", nth: 3 }, "drop");
  const pays = [1, 2].map((amount) => outcomeOf(life.client(Till).pay({ amount }, { flow, timeoutMs: 300 })));
  await world.settle(Promise.all(pays));
  await flow.end("ok");
  const waiting = outcomeOf(life.client(Counter).wait({ ms: 500 }));
  await world.run({ forMs: 100 });
  world.inject("crash store");
  await world.settle(waiting);
  world.inject("restart store");
  await world.settle(life.client(Cell).get({}));
  return world;
}

const stepsOf = (records: readonly TraceRecord[], message: string) =>
  records.filter(({ kind, what }) => kind === "span" && what?.message === message).map(({ what }) => what?.step);

test("createTrace has the same hash whether lines are kept, watched, or neither", async () => {
  const seen: TraceRecord[] = [];
  const hashed = await run({});
  const kept = await run({ trace: "keep" });
  const watched = await run({ onTrace: (record) => seen.push(record) });
  assert.equal(kept.trace.hash, hashed.trace.hash);
  assert.equal(watched.trace.hash, hashed.trace.hash);
  assert.deepEqual([kept.trace.length, watched.trace.length], [hashed.trace.length, hashed.trace.length]);
  assert.equal(kept.events, hashed.events);
  assert.deepEqual(seen, kept.trace.records);
  assert.deepEqual(hashed.trace.records, []);
});

test("createTrace tells each step of each message, each point, flow and life, field by field", async () => {
  const { records } = (await run({ trace: "keep" })).trace;
  const began = records.find(({ kind, what }) => kind === "flow" && what?.step === "begin");
  assert.equal(began?.what?.name, "checkout");
  const calls = records.filter(({ kind, what }) => kind === "span" && what?.step === "queued");
  const paid = records.find(
    ({ what }) => what?.step === "returned" && what.method === "pay" && what.outcome === "reply",
  );
  const message = paid?.what?.message ?? "";
  const pay = calls.find(({ what }) => what?.message === message);
  assert.match(message, /^visitor\/\d+#\d+$/);
  assert.deepEqual(stepsOf(records, message), [
    "queued",
    "sent",
    "received",
    "started",
    "ended",
    "replied",
    "returned",
  ]);
  assert.equal(pay?.flow, began?.flow);
  const gets = calls.filter(({ what }) => what?.method === "get" && what.parent === message);
  assert.equal(gets.length, 1);
  const points = records.filter(({ kind }) => kind === "point");
  assert.ok(points.length >= 1 && points.every(({ what, flow }) => what?.step === "read" && flow === began?.flow));
  const lost = records.find(({ kind }) => kind === "lost");
  assert.deepEqual([lost?.node, lost?.what?.to, lost?.what?.step], ["till", "store", "dropped"]);
  const lives = records.filter(({ kind }) => kind === "life").map(({ node, text }) => `${node} ${text}`);
  assert.deepEqual(lives, ["store crash", "store restart"]);
});

test("createTrace names the message and the flow of what is delivered", async () => {
  const { records } = (await run({ trace: "keep" })).trace;
  const deliveries = records.filter(({ kind }) => kind === "delivery");
  assert.ok(deliveries.every(({ what }) => what !== undefined));
  const requests = deliveries.filter(({ what }) => what?.step === "request");
  assert.ok(requests.every(({ flow, from, what }) => flow !== "" && what?.message?.startsWith(`${from}/`) === true));
});
