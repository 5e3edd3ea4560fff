import assert from "node:assert/strict";
import { test } from "node:test";
import { createGossipDirectory, type GossipDirectory } from "./gossip-directory.ts";
import { type GossipWorld, makeGossipWorld, nodeName, seedsOf, who } from "./testing/gossip-world.ts";
import type { ViewStore } from "./view-store.ts";

const IS_LONG = process.env["ORRERY_LONG"] === "1";

async function joined(count: number): Promise<GossipWorld> {
  const gossip = makeGossipWorld({}, { seeds: seedsOf(3) });
  for (let index = 0; index < count; index++) gossip.add(nodeName(index));
  await gossip.world.start();
  while (!gossip.isAgreed()) {
    assert.ok(gossip.world.elapsedMs < 10_000, `${count} nodes do not agree after 10 s`);
    await gossip.world.run({ forMs: 500 });
  }
  return gossip;
}

/** Bytes that each node says in a second when nothing changes. */
async function quietRate(count: number): Promise<number> {
  const { world, directories } = await joined(count);
  const said = () => [...directories.values()].reduce((sum, directory) => sum + directory.stats().bytes, 0);
  await world.run({ forMs: 120_000 });
  const before = said();
  await world.run({ forMs: 60_000 });
  world.end();
  return (said() - before) / count / 60;
}

test("createGossipDirectory says as much in a large network as in a small one", async () => {
  const small = await quietRate(10);
  for (const count of IS_LONG ? [100, 500] : [100]) {
    const large = await quietRate(count);
    assert.ok(large < 1.3 * small, `${large} bytes/s a node of ${count}, ${small} of 10`);
    assert.ok(large < 200, `${large} bytes/s`);
  }
});

test("createGossipDirectory learns what changes by differences, and knows the free slots of the whole network", async () => {
  const gossip = await joined(20);
  const { world } = gossip;
  await world.run({ forMs: 90_000 });
  for (const name of world.nodes.keys())
    for (const { node, components } of gossip.directory(name).members())
      assert.deepEqual(
        components.map(({ name, freeSlots }) => [name, freeSlots]),
        [["who", 1]],
        `${name} of ${node}`,
      );
});

/** A store on a modelled disk. */
function storeOn(disk: {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
}): ViewStore {
  return {
    read: () => disk.read("view"),
    async write(bytes) {
      await disk.write("view", bytes);
      await disk.sync();
    },
  };
}

test("createGossipDirectory comes back from its last view when all seeds are dead for good", async () => {
  const gossip = makeGossipWorld({}, { seeds: seedsOf(2) });
  const { world } = gossip;
  for (let index = 0; index < 6; index++) gossip.add(nodeName(index));
  let directory: GossipDirectory | undefined;
  const keeper = world.node("keeper", {
    components: [who("keeper")],
    directory({ disk }) {
      directory = createGossipDirectory({ seeds: seedsOf(2), store: storeOn(disk) });
      return directory;
    },
  });
  await world.start();
  await world.run({ forMs: 10_000 });
  for (const fault of ["crash n0", "crash n1", "crash keeper"]) world.inject(fault);
  await world.run({ forMs: 60_000 });
  await world.settle(keeper.restart());
  await world.run({ forMs: 1000 });
  const seen = directory?.members().filter(({ status }) => status === "alive") ?? [];
  assert.deepEqual(
    seen.map(({ node }) => node),
    ["keeper", "n2", "n3", "n4", "n5"],
  );
});

test("createGossipDirectory lives without its view when it cannot be read or written", async () => {
  const lines: string[] = [];
  const gossip = makeGossipWorld({ log: ({ text }) => lines.push(text) }, { seeds: seedsOf(1) });
  const broken = () => Promise.reject(new Error("the disk is gone"));
  gossip.add("n0");
  gossip.add("n1", { store: { read: broken, write: broken } });
  await gossip.world.start();
  await gossip.world.run({ forMs: 5000 });
  assert.ok(gossip.isAgreed());
  assert.deepEqual([...new Set(lines)].sort(), [
    "the last view of the network cannot be read",
    "the view of the network cannot be written",
  ]);
});
