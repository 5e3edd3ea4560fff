import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, createMemoryHub, createNode, outcomeOf } from "@orrery/core";
import { createManualClock } from "../testing/manual-clock.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { createGossipDirectory } from "./gossip-directory.ts";
import { type GossipWorld, makeGossipWorld, nodeName, seedsOf, Who, who } from "./testing/gossip-world.ts";

/** Adds so many nodes with three seeds, and runs until all know all; gives the time that it took, in ms. */
async function joinAll(gossip: GossipWorld, count: number, withinMs = 60_000): Promise<number> {
  for (let index = 0; index < count; index++) gossip.add(nodeName(index));
  await gossip.world.start();
  return untilAgreed(gossip, withinMs);
}

async function untilAgreed({ world, isAgreed }: GossipWorld, withinMs: number): Promise<number> {
  const beganMs = world.elapsedMs;
  while (!isAgreed()) {
    assert.ok(world.elapsedMs - beganMs < withinMs, `not agreed after ${withinMs} ms`);
    await world.run({ forMs: 50 });
  }
  return world.elapsedMs - beganMs;
}

for (const [count, withinMs] of [
  [2, 50],
  [10, 1500],
  [50, 3000],
  [200, 5000],
] as const)
  test(`createGossipDirectory lets ${count} nodes that start at once know one another within ${withinMs} ms`, async () => {
    const gossip = makeGossipWorld({}, { seeds: seedsOf(3) });
    await joinAll(gossip, count, withinMs);
    for (let index = 0; index < count; index++)
      assert.equal(gossip.directory(nodeName(index)).resolve("who").length, count - 1);
  });

test("createGossipDirectory joins through one seed of three, and through any node that is there", async () => {
  const gossip = makeGossipWorld({}, { seeds: ["sim://nobody", "sim://n0", "sim://n0-gone"] });
  await joinAll(gossip, 5);
  gossip.add("late", { seeds: ["sim://n3"] });
  await gossip.world.start();
  assert.ok((await untilAgreed(gossip, 2000)) < 1000);
});

test("createGossipDirectory tells all of a newcomer within two rounds of gossip", async () => {
  const gossip = makeGossipWorld({}, { seeds: seedsOf(3) });
  await joinAll(gossip, 50);
  await gossip.world.run({ forMs: 60_000 });
  gossip.add("late");
  await gossip.world.start();
  const tookMs = await untilAgreed(gossip, 5000);
  assert.ok(tookMs <= 1000, `${tookMs} ms`);
});

test("createGossipDirectory tells a client of a newcomer when it comes, not when the client looks again", async (t) => {
  const hub = createMemoryHub();
  const open = async (name: string) => {
    const directory = createGossipDirectory({ seeds: ["memory://first"] });
    const listen = [`memory://${name}`];
    const node = createNode({ name, components: [who(name)], transports: [hub.transport()], listen, directory });
    t.after(() => node.stop({ timeoutMs: 0 }));
    await node.start();
  };
  await open("first");
  const directory = createGossipDirectory({ seeds: ["memory://first"] });
  const clock = createManualClock(); // Stands still: the client never looks again.
  await using client = createClient({ transports: [hub.transport()], directory, clock });
  assert.equal((await client.client(Who).ask({})).node, "first");
  for (const name of ["second", "third"]) {
    await open(name);
    await waitUntil(() => directory.resolve("who").includes(`memory://${name}`));
  }
});

test("createGossipDirectory lets a call wait until its component is found, and fails it when nobody comes", async () => {
  const gossip = makeGossipWorld({}, { seeds: ["sim://server"] });
  const { world } = gossip;
  const caller = world.node("caller", { directory: () => createGossipDirectory({ seeds: ["sim://server"] }) });
  await world.start();
  const client = caller.life.client(Who);
  const early = outcomeOf(client.ask({}, { timeoutMs: 1000 }));
  const patient = client.ask({}, { timeoutMs: 20_000 });
  await world.run({ forMs: 3000 });
  const outcome = await early;
  assert.ok(outcome.kind === "bounced" && outcome.definite && outcome.error.reason === "no_such_component");
  assert.match(outcome.error.message, /nobody is known to serve it; no other node is known, check its seeds$/);
  gossip.add("server");
  await world.start();
  assert.equal((await world.settle(patient)).node, "server");
});

test("createGossipDirectory lives on when all seeds are dead, and newcomers join through any survivor", async () => {
  const gossip = makeGossipWorld({}, { seeds: seedsOf(3) });
  await joinAll(gossip, 12);
  for (const seed of [0, 1, 2]) gossip.world.inject(`crash ${nodeName(seed)}`);
  await untilAgreed(gossip, 40_000);
  gossip.add("late", { seeds: ["sim://n7"] });
  await gossip.world.start();
  await untilAgreed(gossip, 2000);
  assert.equal(gossip.seenBy("late").length, 10);
});

test("createGossipDirectory forgets a node that leaves at once, and one that starts again outbids its old self", async () => {
  const gossip = makeGossipWorld({}, { seeds: seedsOf(2) });
  const { world } = gossip;
  await joinAll(gossip, 10);
  const first = gossip
    .directory("n5")
    .members()
    .find(({ node }) => node === "n5");
  await world.settle(world.nodes.get("n5")?.life.stop() ?? Promise.reject());
  await world.run({ forMs: 1000 });
  for (const name of ["n0", "n9"]) {
    assert.equal(
      gossip
        .directory(name)
        .members()
        .find(({ node }) => node === "n5")?.status,
      "left",
    );
    assert.ok(!gossip.directory(name).resolve("who").includes("sim://n5"));
  }
  await world.settle(world.nodes.get("n5")?.restart() ?? Promise.reject());
  await untilAgreed(gossip, 2000);
  const second = gossip
    .directory("n0")
    .members()
    .find(({ node }) => node === "n5");
  assert.ok((second?.incarnation ?? 0) > (first?.incarnation ?? 0));
});

test("createGossipDirectory finds a node again that crashed and is back before anybody noticed", async () => {
  const gossip = makeGossipWorld({}, { seeds: seedsOf(2) });
  await joinAll(gossip, 10);
  await gossip.world.settle(gossip.world.nodes.get("n5")?.restart() ?? Promise.reject());
  const again = () =>
    gossip
      .directory("n0")
      .members()
      .find(({ node }) => node === "n5")?.incarnation;
  const own = gossip.world.nodes.get("n5")?.life.incarnation;
  await gossip.world.run({ forMs: 1000 });
  assert.equal(again(), own);
});

test("createGossipDirectory splits with its network and becomes one again", async () => {
  const gossip = makeGossipWorld({}, { seeds: seedsOf(2) });
  const { world } = gossip;
  await joinAll(gossip, 20);
  const names = [...world.nodes.keys()];
  const [left, right] = [names.filter((_, index) => index % 2 === 0), names.filter((_, index) => index % 2 === 1)];
  world.partition(left, right);
  await world.run({ forMs: 90_000 });
  assert.deepEqual(gossip.seenBy("n0").length, 10);
  assert.deepEqual(gossip.seenBy("n1").length, 10);
  const said = () => [...gossip.directories.values()].reduce((sum, directory) => sum + directory.stats().messages, 0);
  const before = said();
  world.heal();
  await world.run({ forMs: 1000 });
  assert.ok(
    said() - before < 20 * 200,
    `${said() - before} messages in a second: they correct one another without an end`,
  );
  const tookMs = await untilAgreed(gossip, 40_000);
  assert.ok(tookMs < 30_000, `${tookMs} ms`);
});

test("createGossipDirectory buries nobody because of what a node thought that was cut off, and said late", async () => {
  const deaths: string[] = [];
  const onMember = ({ node, status }: { node: string; status: string }) => {
    if (status === "dead") deaths.push(node);
  };
  const gossip = makeGossipWorld({ seed: 7 }, { seeds: seedsOf(3), onMember });
  const { world } = gossip;
  await joinAll(gossip, 10);
  for (let time = 0; time < 25; time++) {
    await world.run({ forMs: 5000 + time * 137 });
    const victim = nodeName(3 + (time % 7));
    world.partition(
      [victim],
      [...world.nodes.keys()].filter((name) => name !== victim),
    );
    await world.run({ forMs: 8000 });
    world.inject(`crash ${victim}`);
    world.heal(); // What it had said goes on its way.
    await world.settle(world.nodes.get(victim)?.restart() ?? Promise.reject());
    await untilAgreed(gossip, 5000);
    assert.ok(
      deaths.every((node) => node === victim),
      `${deaths} of ${victim}`,
    );
    deaths.length = 0;
  }
});

test("createGossipDirectory takes nobody for dead where a fifth of all messages is lost", async () => {
  const deaths: string[] = [];
  const seen = {
    onMember: ({ node, status }: { node: string; status: string }) => status === "dead" && deaths.push(node),
  };
  const link = { latency: { kind: "uniform", minMs: 0.2, maxMs: 2 } as const, loss: 0.2 };
  const gossip = makeGossipWorld({ link }, { seeds: seedsOf(3), onMember: seen.onMember });
  await joinAll(gossip, 30);
  await gossip.world.run({ forMs: 600_000 });
  assert.deepEqual(deaths, []);
});

test("createGossipDirectory does not let a node that stood still take the others for dead", async () => {
  const deaths: string[] = [];
  const onMember = ({ node, status }: { node: string; status: string }) => {
    if (status === "dead") deaths.push(node);
  };
  const gossip = makeGossipWorld({}, { seeds: seedsOf(3), onMember });
  await joinAll(gossip, 10);
  for (let time = 0; time < 10; time++) {
    gossip.world.inject("pause n4");
    await gossip.world.run({ forMs: 3500 });
    gossip.world.inject("resume n4");
    await gossip.world.run({ forMs: 5000 });
  }
  assert.deepEqual(deaths, []);
  await untilAgreed(gossip, 1000);
});

test("createGossipDirectory seats one node", () => {
  const directory = createGossipDirectory();
  assert.deepEqual([directory.resolve("who"), directory.components(), directory.members()], [[], [], []]);
  createNode({ name: "first", components: [], directory });
  assert.throws(() => createNode({ name: "second", components: [], directory }), {
    code: "failed_precondition",
    message: 'Cannot seat a gossip directory in node "second": node "first" has it, make another',
  });
});

for (const [timing, message] of [
  [{ probeMs: 0 }, /probeMs is 0, write a number of ms from 1/],
  [{ probeTimeoutMs: 1000 }, /probeTimeoutMs is 1000, write one below probeMs, which is 1000/],
  [{ syncMinMs: 60_000 }, /syncMinMs is 60000, write one up to syncMaxMs, which is 30000/],
] as const)
  test(`createGossipDirectory refuses ${JSON.stringify(timing)}`, () => {
    assert.throws(() => createGossipDirectory({ timing }), { code: "invalid_argument", message });
  });
