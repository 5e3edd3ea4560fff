import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld, linksByNearness } from "@orrery/sim";
import { createGossipDirectory, type GossipDirectory } from "./gossip-directory.ts";
import { measuredDistance } from "./measured-distance.ts";

test("measuredDistance follows what it is told, and says how much that wavers", () => {
  let distance = measuredDistance(undefined, 40);
  assert.deepEqual(distance, { ms: 20, errorMs: 20 });
  for (let at = 0; at < 50; at++) distance = measuredDistance(distance, 10 + (at % 2));
  assert.ok(Math.abs(distance.ms - 5.25) < 0.3, `${distance.ms}`);
  assert.ok(distance.errorMs < 0.6, `${distance.errorMs}`);
  for (let at = 0; at < 50; at++) distance = measuredDistance(distance, 80);
  assert.ok(Math.abs(distance.ms - 40) < 0.5, `${distance.ms}`);
  assert.equal(measuredDistance(undefined, -1).ms, 0); // A clock that stood still is no reason for a way shorter than none.
});

const Who = defineService("who", { ask: { request: json<Record<string, never>>(), reply: json<{ node: string }>() } });

/** Places 1, 4 and 40 ms away from the asker, each way. */
async function makeThree() {
  const near = linksByNearness({ machine: 1, zone: 4, between: 40 });
  const world = createWorld({ seed: 11, trace: "off", link: near });
  const places = { host: ["m1", "a"], zone: ["m2", "a"], far: ["m3", "b"] } as const;
  let asker: GossipDirectory | undefined;
  const seeds = ["sim://host"];
  for (const [name, [machine, zone]] of Object.entries(places)) {
    const component = defineComponent(Who, () => ({ ask: () => ({ node: name }) }));
    world.node(name, { machine, zone, components: [component], directory: () => createGossipDirectory({ seeds }) });
  }
  const Idle = defineService("idle", { rest: { request: json<object>(), reply: json<object>() } });
  const node = world.node("asker", {
    machine: "m1",
    zone: "a",
    components: [defineComponent(Idle, () => ({ rest: () => ({}) }))],
    directory: () => {
      asker = createGossipDirectory({ seeds });
      return asker;
    },
  });
  await world.start();
  await world.run({ forMs: 30_000 });
  const client = node.life.client(Who);
  const askedFor = async (count: number, options: Parameters<typeof client.ask>[1]) => {
    const calls = Array.from({ length: count }, () => outcomeOf(client.ask({}, options)));
    await world.run({ forMs: 5_000 });
    const outcomes = await Promise.all(calls);
    return outcomes.map((outcome) => (outcome.kind === "reply" ? outcome.value.node : outcome.error.reason));
  };
  return { world, askedFor, distances: () => asker?.distances() ?? [] };
}

test("createGossipDirectory sends calls only to places within their distance, of 1, 4 and 40 ms", async () => {
  const { askedFor, distances } = await makeThree();
  const known = new Map(distances().map(({ node, ms, errorMs }) => [node, { ms, errorMs }]));
  for (const [node, trueMs] of [
    ["host", 1],
    ["zone", 4],
    ["far", 40],
  ] as const) {
    const { ms = Number.NaN, errorMs = Number.NaN } = known.get(node) ?? {};
    assert.ok(Math.abs(ms - trueMs) <= errorMs + 0.5, `${node} is ${trueMs} ms away, estimated ${ms} ± ${errorMs}`);
  }
  assert.deepEqual([...new Set(await askedFor(200, { horizon: { distanceMs: 5 } }))].sort(), ["host", "zone"]);
  assert.deepEqual([...new Set(await askedFor(50, { horizon: { distanceMs: 2 } }))], ["host"]);
  assert.deepEqual([...new Set(await askedFor(5, { horizon: { distanceMs: 0.2 } }))], ["horizon_exceeded"]);
});

test("createGossipDirectory does not send where the time that is left cannot reach", async () => {
  const { askedFor } = await makeThree();
  const answered = new Set(await askedFor(200, { timeoutMs: 20 }));
  assert.deepEqual([...answered].sort(), ["host", "zone"]);
});
