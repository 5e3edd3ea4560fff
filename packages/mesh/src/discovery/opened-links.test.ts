import assert from "node:assert/strict";
import { test } from "node:test";
import { createLimits, type Limits } from "../limits/node-limits.ts";
import { createGossipDirectory } from "./gossip-directory.ts";
import { makeGossipWorld, nodeName, seedsOf, Who } from "./testing/gossip-world.ts";

test("watchOpened gives up connections to nodes that are gone, so that many of them are dialled no more than a few", async () => {
  const gossip = makeGossipWorld({ trace: "keep" }, { seeds: seedsOf(1) });
  const { world } = gossip;
  for (let index = 0; index < 24; index++) gossip.add(nodeName(index));
  await world.start();
  await world.run({ forMs: 30_000 });
  for (let index = 4; index < 24; index++) world.inject(`crash ${nodeName(index)}`);
  await world.run({ forMs: 120_000 });
  const before = world.trace.records.length;
  await world.run({ forMs: 600_000 });
  const dials = world.trace.records.slice(before).filter(({ text }) => text.startsWith("dial")).length;
  // Each of four asks one of the gone every ten seconds. Were none given up, each would dial all twenty every five seconds: 9,600 times.
  assert.ok(dials > 4 * 50 && dials < 3000, `${dials} dials in ten minutes`);
  await world.settle(world.nodes.get("n5")?.restart() ?? Promise.reject());
  await world.run({ forMs: 5000 });
  assert.ok(gossip.isAgreed());
});

test("watchOpened lets breakers forget the ways to nodes that are gone", async () => {
  const gossip = makeGossipWorld({}, { seeds: seedsOf(1) });
  const { world } = gossip;
  for (let index = 0; index < 6; index++) gossip.add(nodeName(index));
  let limits: Limits | undefined;
  const caller = world.node("caller", {
    directory: () => createGossipDirectory({ seeds: seedsOf(1) }),
    limits: () => {
      limits = createLimits({});
      return limits;
    },
  });
  await world.start();
  await world.run({ forMs: 10_000 });
  const ask = async (count: number) => {
    const client = caller.life.client(Who);
    for (let call = 0; call < count; call++) await world.settle(client.ask({}));
  };
  const ways = () => (limits as Limits).circuits().map(({ place }) => place);
  await ask(60);
  assert.deepEqual(
    ways().sort(),
    Array.from({ length: 6 }, (_, index) => `sim://${nodeName(index)}`),
  );
  for (const gone of [2, 3, 4, 5]) world.inject(`crash ${nodeName(gone)}`);
  await world.run({ forMs: 120_000 });
  await world.settle(world.nodes.get("n5")?.restart() ?? Promise.reject());
  await world.run({ forMs: 10_000 });
  await ask(30);
  assert.deepEqual(ways().sort(), ["sim://n0", "sim://n1", "sim://n5"]);
});
