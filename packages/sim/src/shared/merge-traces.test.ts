import assert from "node:assert/strict";
import { test } from "node:test";
import { setupMarket } from "../testing/market.ts";
import { createWorld } from "../world/create-world.ts";
import type { World } from "../world/world.ts";
import { createLocalMembers } from "./local-members.ts";
import { mergeTraces } from "./merge-traces.ts";

const OPTIONS = {
  seed: 11,
  trace: "keep",
  breakAfterMs: 60,
  link: { latency: { kind: "uniform", minMs: 1, maxMs: 8 } },
} as const;
const END_MS = 1500;

function setup(world: World): void {
  setupMarket(world);
  world.at(50, "crash cell");
  world.at(90, "partition till | visitor-0,visitor-1");
  world.at(200, "restart cell");
  world.at(210, "heal");
}

async function merged(members: number) {
  const divided = createLocalMembers({ members, endMs: END_MS, world: OPTIONS, setup });
  await divided.coordinator.run();
  const names = [...(divided.members[0]?.world.nodes.keys() ?? [])];
  return mergeTraces(
    divided.members.map(({ nodes, world }) => ({ nodes, records: world.trace.records })),
    names,
  );
}

test("mergeTraces gives the lines of one world, whatever it was divided into", async () => {
  const one = createWorld(OPTIONS);
  setup(one);
  await one.start();
  await one.run({ forMs: END_MS });
  const names = [...one.nodes.keys()];
  const expected = mergeTraces([{ nodes: names, records: one.trace.records }], names);
  assert.equal(expected.length, one.trace.records.length);
  for (const members of [2, 4]) assert.deepEqual(await merged(members), expected);
});

test("mergeTraces gives a total order, in which whatever is caused comes after its cause", async () => {
  const records = await merged(3);
  const places = new Map<string, number>();
  for (const [index, { id, part, cause, kind, sent, tick }] of records.entries()) {
    if (part > 0) continue;
    assert.ok(!places.has(id), `${id} twice`);
    places.set(id, index);
    assert.ok(sent <= tick, `${id} is received before it is sent`);
    if (cause !== "")
      assert.ok((places.get(cause) ?? Number.POSITIVE_INFINITY) < index, `${kind} ${id} before ${cause}`);
  }
  assert.ok(places.size > 100);
});
