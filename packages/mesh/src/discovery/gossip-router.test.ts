import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { createGossipDirectory, type GossipDirectory } from "./gossip-directory.ts";
import { makeGossipWorld, seedsOf, Who } from "./testing/gossip-world.ts";

/** A world with two nodes of each version, and one that calls. */
async function setUp(...versions: readonly string[]) {
  const gossip = makeGossipWorld({}, { seeds: ["sim://caller"] });
  const { world } = gossip;
  for (const version of versions) for (const copy of ["a", "b"]) gossip.add(`${copy}-${version}`, { version });
  let directory: GossipDirectory | undefined;
  const caller = world.node("caller", {
    directory: () => {
      directory = createGossipDirectory();
      return directory;
    },
  });
  await world.start();
  await world.run({ forMs: 3000 });
  const client = caller.life.client(Who);
  const ask = async (options: Parameters<typeof client.ask>[1] = {}) =>
    (await world.settle(client.ask({}, { timeoutMs: 1000, ...options }))).node;
  return { ...gossip, caller, client, ask, directory: directory as GossipDirectory };
}

const many = async (ask: () => Promise<string>, times = 20) => {
  const seen = new Set<string>();
  for (let time = 0; time < times; time++) seen.add(await ask());
  return [...seen].sort();
};

test("createGossipRouter sends an exact version only to it, and a range to the highest in it", async () => {
  const { ask } = await setUp("1.0.0", "1.4.0", "2.0.0");
  assert.deepEqual(await many(() => ask({ version: "1.0.0" })), ["a-1.0.0", "b-1.0.0"]);
  assert.deepEqual(await many(() => ask({ version: "^1.0.0" })), ["a-1.4.0", "b-1.4.0"]);
  assert.equal((await many(() => ask(), 60)).length, 6);
});

test("createGossipRouter refuses a version that nobody has, and says which there are", async () => {
  const { client, world } = await setUp("1.0.0", "1.4.0");
  for (const version of ["1.1.0", "^2.0.0"]) {
    const outcome = await world.settle(outcomeOf(client.ask({}, { version, timeoutMs: 1000 })));
    assert.ok(outcome.kind === "bounced" && outcome.definite && outcome.error.reason === "no_such_version");
    assert.deepEqual(outcome.error.details, { versions: ["1.0.0", "1.4.0"] });
    assert.equal(outcome.error.message, `Cannot call "who@${version}": its versions are 1.0.0, 1.4.0`);
  }
  const wrong = await world.settle(outcomeOf(client.ask({}, { version: "newest" })));
  assert.ok(wrong.kind !== "reply" && wrong.error.code === "invalid_argument");
});

test("createGossipRouter keeps a flow at the version that it talked to first, while others move on", async () => {
  const { ask, add, caller, world, client } = await setUp("1.0.0");
  await using flow = caller.life.beginFlow("booking");
  assert.match(await ask({ flow, version: "^1.0.0" }), /1\.0\.0/);
  add("a-1.4.0", { version: "1.4.0" });
  await world.start();
  await world.run({ forMs: 2000 });
  assert.deepEqual(await many(() => ask({ version: "^1.0.0" })), ["a-1.4.0"]);
  assert.deepEqual(await many(() => ask({ flow, version: "^1.0.0" })), ["a-1.0.0", "b-1.0.0"]);
  assert.deepEqual(await many(() => ask({ flow })), ["a-1.0.0", "b-1.0.0"]);
  for (const node of ["a-1.0.0", "b-1.0.0"]) await world.settle(world.nodes.get(node)?.life.stop() ?? Promise.reject());
  await world.run({ forMs: 2000 });
  const outcome = await world.settle(outcomeOf(client.ask({}, { flow, timeoutMs: 1000 })));
  assert.ok(outcome.kind === "bounced" && outcome.error.reason === "no_such_version");
  assert.match(outcome.error.message, /its versions are 1\.4\.0, and its flow has talked to 1\.0\.0 before$/);
});

test("createGossipRouter does not go beyond a horizon", async () => {
  const { client, world } = await setUp("1.0.0");
  const outcome = await world.settle(outcomeOf(client.ask({}, { horizon: "host", timeoutMs: 1000 })));
  assert.ok(outcome.kind === "bounced" && outcome.error.reason === "horizon_exceeded");
  assert.match(outcome.error.message, /its horizon is the host, and every place lies beyond$/);
});

test("createGossipRouter takes a crashed place out of use as soon as its connection is gone", async () => {
  const { ask, world, directory } = await setUp("1.0.0");
  assert.equal((await many(() => ask())).length, 2);
  world.inject("crash a-1.0.0");
  await world.run({ forMs: 20 });
  assert.deepEqual(await many(() => ask()), ["b-1.0.0"]);
  const { text } = directory.explain("who");
  assert.match(text, /^a-1\.0\.0 1\.0\.0 \(network\): left out by reachable: it cannot be reached/m);
});

test("createGossipRouter lets a message wait for the first place that is connected, and says why none was", async () => {
  const { client, world } = await setUp("1.0.0");
  for (const node of ["a-1.0.0", "b-1.0.0"]) world.inject(`crash ${node}`);
  await world.run({ forMs: 20 });
  const early = await world.settle(outcomeOf(client.ask({}, { timeoutMs: 200 })));
  assert.ok(early.kind === "unreachable" && early.definite);
  assert.match(
    early.error.message,
    /none of its places is connected; sim:\/\/a-1\.0\.0: (nobody listens|its process ended)/,
  );
  const patient = client.ask({}, { timeoutMs: 20_000 });
  await world.settle(world.nodes.get("b-1.0.0")?.restart() ?? Promise.reject());
  assert.equal((await world.settle(patient)).node, "b-1.0.0");
});

test("createGossipRouter broadcasts to every place", async () => {
  const { directory } = await setUp("1.0.0", "2.0.0");
  assert.deepEqual(directory.resolve("who"), ["sim://a-1.0.0", "sim://a-2.0.0", "sim://b-1.0.0", "sim://b-2.0.0"]);
  assert.deepEqual(directory.components(), ["who"]);
  assert.equal(directory.resolve("who"), directory.resolve("who"));
  assert.equal(seedsOf(1)[0], "sim://n0");
});
