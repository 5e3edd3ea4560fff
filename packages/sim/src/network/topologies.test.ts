import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json } from "@orrery/core";
import { createWorld } from "../world/create-world.ts";
import { continentLinks, type LinkModels, lanLinks, linksByNearness, mobileLinks, zoneLinks } from "./topologies.ts";

const Echo = defineService("echo", { say: { request: json<number>(), reply: json<number>() } });
const echo = defineComponent(Echo, () => ({ say: async (number) => number }));

/** Medians of round trips from one node to one of its machine, of its zone, and of another zone, in ms. */
async function roundTrips(link: LinkModels): Promise<number[]> {
  const medians: number[] = [];
  for (const [machine, zone] of [
    ["m1", "z1"],
    ["m2", "z1"],
    ["m3", "z2"],
  ] as const) {
    const world = createWorld({ link });
    world.node("server", { components: [echo], machine, zone });
    const client = world.node("client", { machine: "m1", zone: "z1" }).life.client(Echo);
    await world.start();
    await world.settle(client.say(0));
    const times: number[] = [];
    for (let call = 0; call < 99; call++) {
      const startMs = world.elapsedMs;
      await world.settle(client.say(call));
      times.push(world.elapsedMs - startMs);
    }
    medians.push(times.sort((a, b) => a - b)[49] ?? 0);
  }
  return medians;
}

const PRESETS: readonly (readonly [
  name: string,
  links: LinkModels,
  least: readonly number[],
  most: readonly number[],
])[] = [
  ["lanLinks", lanLinks, [0.05, 0.19, 0.19], [0.07, 0.21, 0.21]],
  ["zoneLinks", zoneLinks, [0.05, 0.7, 2.1], [0.07, 0.9, 2.7]],
  ["continentLinks", continentLinks, [0.05, 0.85, 130], [0.07, 1.15, 180]],
  ["mobileLinks", mobileLinks, [0.05, 80, 80], [0.07, 120, 120]],
];

for (const [name, links, least, most] of PRESETS) {
  test(`${name} takes its time on one machine, in one zone and between zones`, async () => {
    const medians = await roundTrips(links);
    for (const [index, ms] of medians.entries())
      assert.ok(ms >= (least[index] ?? 0) && ms <= (most[index] ?? 0), `${ms} ms at ${index}`);
  });
}

test("linksByNearness brings three zones of four nodes up, and each reaches each", async () => {
  const world = createWorld({ link: linksByNearness({ zone: 0.5, between: 40 }) });
  const nodes = Array.from({ length: 12 }, (_, index) =>
    world.node(`node-${index}`, { components: [echo], zone: `zone-${index % 3}` }),
  );
  await world.start();
  const other = world.node("other", { zone: "zone-0" });
  await world.start();
  const replies = await world.settle(Promise.all(nodes.map((_, index) => other.life.client(Echo).say(index))));
  assert.deepEqual(replies, [...nodes.keys()]);
});
