import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { linksByNearness } from "../network/topologies.ts";
import { createWorld } from "./create-world.ts";
import type { WorldOptions } from "./world-options.ts";

const Counter = defineService("counter", {
  add: { request: json<{ by: number }>(), reply: json<{ total: number; atMs: number }>() },
  wait: { request: json<{ ms: number }>(), reply: json<{ total: number }>() },
});

const counter = defineComponent(Counter, () => {
  let total = 0;
  return {
    async add({ by }, { clock }) {
      total += by;
      return { total, atMs: clock.now() };
    },
    async wait({ ms }, { clock }) {
      await clock.sleep(ms);
      return { total };
    },
  };
});

const Shop = defineService("shop", { visit: { request: json<{ times: number }>(), reply: json<{ total: number }>() } });

const shop = defineComponent(Shop, () => ({
  async visit({ times }, context) {
    let total = 0;
    for (let index = 0; index < times; index++) {
      await context.clock.sleep(context.random.next() * 10);
      ({ total } = await context.client(Counter).add({ by: 1 }));
    }
    return { total };
  },
}));

async function smallWorld(options: WorldOptions = {}) {
  const world = createWorld({ link: { latency: 5 }, ...options });
  const back = world.node("back", { components: [counter] });
  const front = world.node("front", { components: [shop] });
  const visitor = world.node("visitor");
  await world.start();
  return { world, back, front, visitor };
}

test("createWorld carries calls between nodes, in virtual time", async () => {
  const { world, visitor } = await smallWorld();
  assert.equal(world.elapsedMs, 0);
  const first = await world.settle(visitor.life.client(Counter).add({ by: 2 }));
  assert.equal(first.total, 2);
  assert.equal(world.elapsedMs, 20); // There and back for the connection, there and back for the call.
  const second = await world.settle(visitor.life.client(Counter).add({ by: 2 }));
  assert.equal(world.elapsedMs, 30);
  assert.equal(second.atMs - first.atMs, 10);
});

async function hashOf(seed: number, extra: boolean): Promise<string> {
  const { world, visitor, front } = await smallWorld({
    seed,
    link: { latency: { kind: "lognormal", medianMs: 5, sigma: 1 } },
  });
  const calls = [3, 1, 4, 1, 5].map((times) => visitor.life.client(Shop).visit({ times }));
  if (extra) calls.push(front.life.client(Shop).visit({ times: 1 }));
  await world.settle(Promise.all(calls));
  return `${world.trace.hash} after ${world.trace.length}`;
}

test("createWorld goes the same way for the same seed, and another for another", async () => {
  const first = await hashOf(1, false);
  for (let run = 0; run < 20; run++) assert.equal(await hashOf(1, false), first);
  assert.notEqual(await hashOf(2, false), first);
  assert.notEqual(await hashOf(1, true), first);
});

test("createWorld lets an hour pass without waiting, and 10,000 calls of 30 s time out at their time", async () => {
  const { world, visitor } = await smallWorld();
  world.cut("visitor", "back");
  const client = visitor.life.client(Counter);
  const outcomes = Array.from({ length: 10_000 }, () => outcomeOf(client.add({ by: 1 }, { timeoutMs: 30_000 })));
  const kinds = new Set((await world.settle(Promise.all(outcomes))).map(({ kind }) => kind));
  assert.deepEqual([...kinds], ["unreachable"]);
  assert.ok(world.elapsedMs >= 30_000 && world.elapsedMs < 30_020);
  await world.run({ forMs: 3_600_000 });
  assert.ok(world.elapsedMs >= 3_630_000);
});

test("createWorld holds back what a partition cuts, and lets it go when it heals", async () => {
  const { world, visitor, back } = await smallWorld();
  await world.settle(visitor.life.client(Counter).add({ by: 1 }));
  world.partition(["visitor"], ["back"]);
  const early = outcomeOf(visitor.life.client(Counter).add({ by: 1 }, { timeoutMs: 1000 }));
  const outcome = await world.settle(early);
  assert.equal(outcome.kind, "timeout");
  assert.equal(outcome.definite, false);
  const late = visitor.life.client(Counter).add({ by: 1 }, { timeoutMs: 8000 });
  world.heal();
  assert.equal((await world.settle(late)).total, 3); // What had timed out was run all the same: its caller could not know.
  assert.equal(back.alive, true);
});

test("createWorld breaks a connection that nothing gets through for its limit", async () => {
  const { world, visitor } = await smallWorld({ breakAfterMs: 2000 });
  await world.settle(visitor.life.client(Counter).add({ by: 1 }));
  const startMs = world.elapsedMs;
  world.cut("back", "visitor");
  const outcome = await world.settle(outcomeOf(visitor.life.client(Counter).add({ by: 1 }, { timeoutMs: 60_000 })));
  assert.equal(outcome.kind, "unreachable");
  assert.match(outcome.error.message, /nothing got through for 2000 ms/);
  assert.ok(world.elapsedMs - startMs <= 2010);
});

test("createWorld tells callers of a crash, indefinitely, and a node that starts again is another with nothing kept", async () => {
  const { world, back, visitor } = await smallWorld();
  const client = visitor.life.client(Counter);
  assert.equal((await world.settle(client.add({ by: 5 }))).total, 5);
  const waiting = outcomeOf(client.wait({ ms: 500 }));
  await world.run({ forMs: 100 });
  const { incarnation } = back.life;
  back.crash();
  const outcome = await world.settle(waiting);
  assert.equal(outcome.kind, "unreachable");
  assert.equal(outcome.definite, false);
  await world.settle(back.restart());
  assert.ok(back.life.incarnation > incarnation);
  const second = back.life.incarnation;
  back.clock.jump(-3_600_000);
  await world.settle(back.restart());
  assert.ok(back.life.incarnation > second);
  assert.equal(visitor.clock.now() - back.clock.now(), 3_600_000);
  assert.equal((await world.settle(client.add({ by: 1 }))).total, 1);
});

test("createWorld gives each node a clock of its own", async () => {
  const world = createWorld();
  world.node("back", { components: [counter], skew: { offsetMs: 60_000 } });
  const visitor = world.node("visitor");
  await world.start();
  const { atMs } = await world.settle(visitor.life.client(Counter).add({ by: 1 }));
  assert.equal(Math.round(atMs - visitor.clock.now()), 60_000);
});

test("createWorld runs event by event, and until something is true", async () => {
  const { world, visitor } = await smallWorld();
  let isDone = false;
  void visitor.life
    .client(Counter)
    .add({ by: 1 })
    .then(() => {
      isDone = true;
    });
  let steps = 0;
  while (!isDone && (await world.step())) steps++;
  assert.ok(isDone && steps >= 4, `${steps} steps`);
  const call = outcomeOf(visitor.life.client(Counter).wait({ ms: 70_000 }));
  await world.until(() => world.elapsedMs > 20_000);
  assert.ok(world.elapsedMs > 20_000);
  await assert.rejects(
    world.until(() => false, { withinMs: 1000 }),
    { code: "deadline_exceeded" },
  );
  assert.equal((await world.settle(call)).kind, "timeout"); // Its own limit is 30 s.
});

test("createWorld says what a wait without end waits for", async () => {
  const { world } = await smallWorld();
  await assert.rejects(world.settle(new Promise(() => undefined)), {
    code: "deadline_exceeded",
    message: /the promise is still pending, and nothing is left to happen/,
  });
  const endless = () => {
    world.nodes.get("visitor")?.clock.timer(1, endless);
  };
  endless();
  await assert.rejects(world.run({ eventsMax: 100 }), {
    code: "resource_exhausted",
    message: /100 events have run and 1 are planned/,
  });
  await assert.rejects(world.run({ forMs: -1 }), { code: "invalid_argument" });
});

test("createWorld refuses names that are taken or unknown, and to run twice at a time", async () => {
  const { world } = await smallWorld();
  assert.throws(() => world.node("back"), { code: "already_exists" });
  assert.throws(() => world.partition(["back"], ["nobody"]), {
    code: "not_found",
    message: 'Cannot find node "nobody": the world has "back", "front", "visitor"',
  });
  const running = world.run({ forMs: 10 });
  await assert.rejects(world.run(), { code: "failed_precondition" });
  await running;
});

test("createWorld refuses a topology that cannot be", async () => {
  const world = createWorld();
  world.node("a", { machine: "m1", zone: "north" });
  assert.throws(() => world.node("b", { machine: "m1", zone: "south" }), {
    code: "invalid_argument",
    message: /its machine "m1" is in zone "north", where "a" runs; a machine is in one zone/,
  });
  for (const name of ["", "a b", "a>b", "a,b"])
    assert.throws(() => world.node(name), { message: /write a name without/ });
  assert.throws(() => linksByNearness({ zone: -1 }), { message: /latency is -1, write a number from 0/ });
  assert.throws(() => createWorld({ link: { loss: 2 } }), { message: /loss is 2, write a share from 0 to 1/ });
  assert.throws(() => world.node("c", { skew: { drift: 2 } }), { message: /skew.drift is 2/ });
});
