import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json } from "@orrery/core";
import { createWorld, type World } from "@orrery/sim";
import { createGossipDirectory, type GossipDirectory } from "./gossip-directory.ts";
import { nodeName, seedsOf } from "./testing/gossip-world.ts";

const Work = defineService("work", {
  hold: { request: json<{ ms: number }>(), reply: json<Record<string, never>>() },
});

/** A network whose nodes can be kept busy. */
interface WorkWorld {
  readonly world: World;
  readonly directories: ReadonlyMap<string, GossipDirectory>;
}

async function joined(count: number): Promise<WorkWorld> {
  const world = createWorld({ seed: 1, trace: "off", link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 1 } } });
  const directories = new Map<string, GossipDirectory>();
  const component = defineComponent(Work, () => ({
    async hold({ ms }, { clock }) {
      await clock.sleep(ms);
      return {};
    },
  }));
  for (let index = 0; index < count; index++) {
    const name = nodeName(index);
    const directory = () => {
      const made = createGossipDirectory({ seeds: seedsOf(3) });
      directories.set(name, made);
      return made;
    };
    world.node(name, { components: [component], directory });
  }
  await world.start();
  const knowsAll = (directory: GossipDirectory) => directory.members().length === count;
  while (![...directories.values()].every(knowsAll)) {
    assert.ok(world.elapsedMs < 10_000, `${count} nodes do not know one another after 10 s`);
    await world.run({ forMs: 500 });
  }
  return { world, directories };
}

/** Lets a node's one instance have a message that waits for so long. */
function fill(world: World, name: string, ms: number): void {
  const life = world.nodes.get(name)?.life;
  const client = life?.client(Work);
  for (const held of [ms, 1]) client?.hold({ ms: held }, { timeoutMs: 600_000 }).catch(() => undefined);
}

/** Bytes that each node says in a second while every node's load changes all the time. */
async function busyRate(count: number): Promise<number> {
  const { world, directories } = await joined(count);
  for (const [index, { name, life }] of [...world.nodes.values()].entries()) {
    const round = () => {
      fill(world, name, 1600);
      life.clock.timer(3000 + (index % 7) * 100, round);
    };
    round();
  }
  await world.run({ forMs: 10_000 });
  const said = () => [...directories.values()].reduce((sum, directory) => sum + directory.stats().bytes, 0);
  const before = said();
  await world.run({ forMs: 20_000 });
  const rate = (said() - before) / count / 20;
  world.end();
  return rate;
}

test("createGossipDirectory says as much of loads that change all the time in a large network as in a small one", async () => {
  const small = await busyRate(20);
  const large = await busyRate(100);
  assert.ok(large < 1.3 * small, `${large} bytes/s a node of 100, ${small} of 20`);
  assert.ok(large < 1500, `${large} bytes/s`);
});

test("createGossipDirectory tells a large network soon that a node became full, free, and full again", async () => {
  const { world, directories } = await joined(80);
  await world.run({ forMs: 40_000 });
  const knowing = (slots: number) => {
    const seen = [...directories.values()].map((directory) => directory.members().find(({ node }) => node === "n50"));
    return seen.filter((member) => member?.components[0]?.freeSlots === slots).length;
  };
  assert.equal(knowing(1), 80);
  for (const slots of [0, 1, 0]) {
    if (slots === 0) fill(world, "n50", 4000);
    await world.run({ forMs: 2500 });
    assert.ok(knowing(slots) >= 76, `${knowing(slots)} of 80 know after 2.5 s that ${slots} is free`);
    await world.run({ forMs: 1500 });
  }
  await world.run({ forMs: 60_000 });
  assert.equal(knowing(1), 80);
  world.end();
});
