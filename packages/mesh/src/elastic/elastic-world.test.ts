import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { createWorld, type ModelNode, type World } from "@orrery/sim";
import { createGossipDirectory, type GossipDirectory } from "../discovery/gossip-directory.ts";
import type { Elastic, ElasticEvent } from "./elastic.ts";
import { createLender } from "./lender.ts";
import { type ElasticPolicy, ladderPolicy } from "./policy.ts";
import type { ElasticRules } from "./rules.ts";
import { type SizeNodeOptions, sizeNode } from "./size-node.ts";
import { Shop, shop } from "./testing/shop.ts";

const START_MS = 40;

/** Instances of a node that take messages. */
const sizeOf = ({ life, alive }: ModelNode): number =>
  alive ? (life.components().find(({ name }) => name === "shop")?.capacity.instances ?? 0) : 0;

/** One node that sizes its shop, and when each of its instances was ready. */
async function oneNode(rules: Partial<ElasticRules>, more: Partial<SizeNodeOptions> = {}) {
  const world = createWorld({ trace: "off" });
  const events: ElasticEvent[] = [];
  const readyMs: number[] = [];
  const held: { elastic?: Elastic } = {};
  const node = world.node("a", {
    components: [shop({ startMs: START_MS, onReady: (_id, _node, atMs) => void readyMs.push(atMs) })],
    run: ({ life }) => {
      const onChange = (event: ElasticEvent) => void events.push(event);
      held.elastic = sizeNode(life, { components: { shop: rules }, instancesMax: 8, onChange, ...more });
    },
  });
  await world.start();
  await world.run({ forMs: 10 });
  const call = (ms: number) => node.life.client(Shop).work({ ms });
  return { world, node, events, readyMs, call, elastic: held.elastic ?? assert.fail("not sized") };
}

/** Sends a call every so often, for a while; gives what ends with the last of them. */
async function load(
  world: World,
  call: () => Promise<unknown>,
  { everyMs = 10, forMs = 0 },
): Promise<() => Promise<void>> {
  const calls: Promise<unknown>[] = [];
  for (let at = 0; at < forMs; at += everyMs) {
    calls.push(outcomeOf(call()));
    await world.run({ forMs: everyMs });
  }
  return async () => void (await Promise.all(calls));
}

describe("sizeNode", () => {
  test("has a new instance ready N and its start after a step of load, and none for a wait of N - 1", async () => {
    const { world, node, events, readyMs, call } = await oneNode({ waitMs: 200 });
    await using _ = world;
    const early = [call(199), call(1)];
    await world.run({ forMs: 190 });
    await world.settle(Promise.all(early));
    await world.run({ forMs: 100 });
    assert.deepEqual([events.length, sizeOf(node)], [0, 1]);
    const stepMs = node.life.clock.monotonic();
    const calls = [call(1000), call(1)];
    await world.run({ forMs: 200 });
    assert.equal(events.length, 0);
    await world.run({ forMs: 2 });
    assert.deepEqual(
      events.map(({ changes, reason }) => [changes, reason]),
      [[[{ rung: "process", by: 1 }], "wait"]],
    );
    await world.run({ forMs: START_MS });
    assert.ok((readyMs.at(-1) ?? 0) - stepMs <= 200 + 2 + START_MS, `${(readyMs.at(-1) ?? 0) - stepMs} ms`);
    assert.equal(readyMs.length, 2);
    await world.settle(Promise.all(calls));
  });

  test("follows a ramp up and down, with one change of direction", async () => {
    const rules = { waitMs: 50, idleMs: 1500, coolDownMs: 300, max: 6, step: 2 };
    const { world, node, events, call } = await oneNode(rules);
    await using _ = world;
    for (const everyMs of [30, 12, 7, 5, 7, 12, 30, 100]) await load(world, () => call(20), { everyMs, forMs: 600 });
    await world.run({ forMs: 10_000 });
    const signs = events.map(({ changes }) => Math.sign(changes[0]?.by ?? 0));
    assert.ok(signs.includes(1) && signs.includes(-1), signs.join());
    assert.ok(signs.filter((sign, at) => at > 0 && sign !== signs[at - 1]).length <= 1, signs.join());
    assert.equal(sizeOf(node), 1);
  });

  test("keeps to its limits exactly, as they are told and as they are changed live, and loses nothing", async () => {
    const { world, node, call, elastic } = await oneNode({ waitMs: 20, max: 3, min: 1, coolDownMs: 0, idleMs: 200 });
    await using _ = world;
    const sizes = new Set<number>();
    const calls: Promise<unknown>[] = [];
    const watch = async (forMs: number) => {
      sizes.clear();
      for (let at = 0; at < forMs; at += 5) {
        calls.push(call(30));
        await world.run({ forMs: 5 });
        sizes.add(sizeOf(node));
      }
      return Math.max(...sizes);
    };
    assert.equal(await watch(800), 3);
    elastic.change("shop", { max: 6 });
    assert.equal(await watch(800), 6);
    elastic.change("shop", { max: 2 });
    await world.run({ forMs: 60 });
    assert.equal(sizeOf(node), 2);
    assert.equal(await watch(300), 2);
    await world.settle(Promise.all(calls)); // Each was answered.
    elastic.change("shop", { min: 2 });
    await world.run({ forMs: 3000 });
    assert.equal(sizeOf(node), 2);
  });

  test("does nothing where min and max are the same, whatever waits", async () => {
    const { world, node, events, call } = await oneNode({ waitMs: 10, min: 1, max: 1 });
    await using _ = world;
    const calls = [call(300), call(1), call(1)];
    await world.run({ forMs: 200 });
    assert.deepEqual([events.length, sizeOf(node)], [0, 1]);
    await world.settle(Promise.all(calls));
  });

  test("sizes by a policy of one's own", async () => {
    const patient: ElasticPolicy = {
      name: "patient",
      decide: (rules, memory, demand) => ladderPolicy.decide({ ...rules, waitMs: rules.waitMs * 4 }, memory, demand),
    };
    const grownAt = async (more: Partial<SizeNodeOptions>) => {
      const { world, events, node, call } = await oneNode({ waitMs: 50 }, more);
      await using _ = world;
      const beganMs = node.life.clock.monotonic();
      const calls = [call(1000), call(1)];
      while (events.length === 0) await world.run({ forMs: 1 });
      const tookMs = node.life.clock.monotonic() - beganMs;
      await world.settle(Promise.all(calls));
      return Math.round(tookMs / 50) * 50;
    };
    assert.deepEqual([await grownAt({}), await grownAt({ policy: patient })], [50, 200]);
  });

  test("keeps spares warm, so that a step of load finds them ready", async () => {
    const { world, node, call } = await oneNode({ waitMs: 50, spares: 2, max: 6 });
    await using _ = world;
    await world.run({ forMs: 200 });
    assert.equal(sizeOf(node), 2);
    const calls = [call(30), call(30)];
    await world.run({ forMs: 35 });
    await world.settle(Promise.all(calls));
  });

  test("lets a place rest that could not run more, and says why nothing is done", async () => {
    const failing = {
      name: "host",
      scope: "host" as const,
      asked: 0,
      list: () => ({ instances: 0, starting: 0, room: 5 }),
      async grow() {
        this.asked++;
        throw new Error("no memory");
      },
      async shrink() {},
    };
    const { world, call, elastic } = await oneNode({ waitMs: 10 }, { instancesMax: 1, placements: [failing] });
    await using _ = world;
    const calls = [call(3000), call(1)];
    await world.run({ forMs: 500 });
    assert.equal(failing.asked, 1);
    assert.match(
      elastic.explain("shop"),
      /^shop: 1 of 1 to 8, stays: more are needed, and there is no room within limits and scope$/,
    );
    await world.run({ forMs: 1000 });
    assert.equal(failing.asked, 2); // It has rested for a second.
    await world.run({ forMs: 1000 });
    assert.equal(failing.asked, 2); // Now it rests for two.
    await world.settle(Promise.all(calls));
    assert.throws(() => elastic.explain("tills"), { code: "not_found" });
    await elastic.stop();
  });
});

/** A network: `a` sizes its shop, which `b` and `c` lend it, and `d` calls. */
async function network(
  options: { readonly max?: number; readonly lendsTo?: readonly string[]; readonly seed?: number } = {},
) {
  const { max = 6, lendsTo = ["shops"], seed = 1 } = options;
  const world = createWorld({ trace: "off", seed });
  const directories = new Map<string, GossipDirectory>();
  const events: ElasticEvent[] = [];
  const directory = (name: string) => () => {
    const made = createGossipDirectory({ seeds: ["sim://a", "sim://b"] });
    directories.set(name, made);
    return made;
  };
  const a = world.node("a", {
    components: [shop({ startMs: START_MS })],
    directory: directory("a"),
    agent: "shops",
    run: ({ life }) => {
      const rules = { waitMs: 60, idleMs: 1500, coolDownMs: 200, max, step: 2, scope: "network" as const };
      sizeNode(life, {
        components: { shop: rules },
        instancesMax: 2,
        directory: directories.get("a") ?? assert.fail(),
        leaseMs: 3000,
        onChange: (event) => void events.push(event),
      });
    },
  });
  const lending = ["b", "c"].map((name) => {
    const lender = createLender({ node: name, components: ["shop"], instancesMax: 2, lendsTo });
    return world.node(name, {
      components: [shop({ startMs: START_MS }), lender.component],
      directory: directory(name),
      run: async ({ life }) => {
        await life.setCapacity("shop", { instances: 0 });
        lender.attach(life);
      },
    });
  });
  const d = world.node("d", { directory: directory("d") });
  await world.start();
  await world.run({ forMs: 2000 });
  const sizes = () => [a, ...lending].map(sizeOf);
  const call = () => d.life.client(Shop).work({ ms: 50 }, { timeoutMs: 60_000 });
  return { world, a, lending, d, sizes, call, events };
}

const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0);

describe("sizeNode with nodes that lend", () => {
  test("fills its own node, then others, and gives back the farthest first when all is idle", async () => {
    const { world, sizes, call, events } = await network();
    await using _ = world;
    const seen: string[] = [];
    const calls: Promise<unknown>[] = [];
    for (let at = 0; at < 4000; at += 10) {
      calls.push(call());
      await world.run({ forMs: 10 });
      const now = sizes().join();
      if (seen.at(-1) !== now) seen.push(now);
      assert.ok(sum(sizes()) <= 6, now);
    }
    assert.deepEqual(sizes(), [2, 2, 2], seen.join(" "));
    assert.equal(seen[0], "1,0,0");
    assert.equal(seen[1], "2,0,0");
    const nodes = new Set((await world.settle(Promise.all(calls))).map((reply) => (reply as { node: string }).node));
    assert.deepEqual([...nodes].sort(), ["a", "b", "c"]);
    await world.run({ forMs: 15_000 });
    assert.deepEqual(sizes(), [1, 0, 0]);
    const shrinks = events
      .filter(({ reason }) => reason === "idle")
      .flatMap(({ changes }) => changes.map(({ rung }) => rung));
    assert.deepEqual(shrinks, [...shrinks].sort()); // The network first, then the process.
    assert.ok(shrinks.includes("network") && shrinks.includes("process"));
  });

  test("dies in the middle: what others lent ends by itself, and the next life doubles nothing", async () => {
    const { world, a, lending, sizes, call } = await network();
    await using _ = world;
    await load(world, call, { forMs: 3000 });
    assert.deepEqual(sizes(), [2, 2, 2]);
    a.crash();
    await world.run({ forMs: 500 });
    assert.equal(sum(lending.map(sizeOf)), 4);
    await world.settle(a.restart());
    for (let at = 0; at < 20_000; at += 10) {
      if (at < 5000) void outcomeOf(call());
      await world.run({ forMs: 10 });
      assert.ok(sum(sizes()) <= 6, `${at}: ${sizes().join()}`);
    }
    a.crash();
    await world.run({ forMs: 20_000 });
    assert.deepEqual(lending.map(sizeOf), [0, 0]);
  });

  test("never has more than its limit while a lender is cut off and comes back", async () => {
    for (const seed of [1, 2, 3]) {
      const { world, sizes, call } = await network({ max: 4, seed });
      await using _ = world;
      await load(world, call, { forMs: 2500 });
      assert.equal(sum(sizes()), 4);
      world.partition(["a"], ["b"]);
      for (let at = 0; at < 30_000; at += 20) {
        if (at < 8000) void outcomeOf(call());
        if (at === 12_000) world.heal();
        await world.run({ forMs: 20 });
        assert.ok(sum(sizes()) <= 4, `seed ${seed}, ${at}: ${sizes().join()}`);
      }
    }
  });

  test("is lent nothing where the lender does not name its agent", async () => {
    for (const lendsTo of [[], ["other*"]]) {
      const { world, d, sizes, call } = await network({ lendsTo });
      await using _ = world;
      await load(world, call, { forMs: 2000 });
      assert.deepEqual(sizes(), [2, 0, 0]);
      const { CapacityService } = await import("../gen/orrery/capacity/v1/capacity_pb.ts");
      const asked = outcomeOf(d.life.client(CapacityService).offer({ component: "shop" }));
      const outcome = await world.settle(asked);
      assert.ok(outcome.kind !== "reply" && outcome.error.code === "permission_denied");
      assert.match(
        outcome.error.message,
        /^Cannot lend instances of node "[bc]" to agent "anonymous": its rule "lendsTo" names/,
      );
    }
  });
});
