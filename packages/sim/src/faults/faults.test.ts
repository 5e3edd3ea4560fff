import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { Cell, Counter, cell, counter, Till, till } from "../testing/shop.ts";
import { createWorld } from "../world/create-world.ts";
import type { WorldOptions } from "../world/world-options.ts";

async function pair(options: WorldOptions = {}) {
  const world = createWorld({ link: { latency: 5 }, trace: "keep", ...options });
  const back = world.node("back", { components: [counter] });
  const front = world.node("front");
  await world.start();
  await world.settle(front.life.client(Counter).add({ by: 0 }));
  return { world, back, front, client: front.life.client(Counter) };
}

async function askMany(options: WorldOptions, count = 400) {
  const { world, client } = await pair(options);
  const asked = Array.from({ length: count }, () => outcomeOf(client.add({ by: 1 }, { timeoutMs: 2000 })));
  const outcomes = await world.settle(Promise.all(asked));
  const replies = outcomes.filter(({ kind }) => kind === "reply").length;
  const { total } = await world.settle(client.add({ by: 0 }, { timeoutMs: 2000 })).catch(() => ({ total: -1 }));
  return { world, replies, total, outcomes };
}

test("a link loses as many messages as its model says, and each loss ends in a timeout that is not definite", async () => {
  const { replies, outcomes, world } = await askMany({ link: { latency: 1, loss: 0.1 } });
  assert.ok(replies > 280 && replies < 360, `${replies} replies of 400 where 81 % are expected`);
  for (const outcome of outcomes)
    if (outcome.kind !== "reply") assert.deepEqual([outcome.kind, outcome.definite], ["timeout", false]);
  assert.ok(world.trace.records.some(({ kind, text }) => kind === "lost" && text.startsWith("lost: request")));
});

test("a link loses in bursts", async () => {
  const { world, replies } = await askMany({ link: { latency: 1, loss: { enter: 0.02, leave: 0.2 } } });
  assert.ok(replies > 200 && replies < 398, `${replies} replies`);
  const lost = world.trace.records.filter(({ kind, node }) => kind === "lost" && node === "front");
  const ids = lost.map(({ text }) => Number(/request (\d+)/.exec(text)?.[1]));
  const neighbours = ids.filter((id, index) => index > 0 && id === (ids[index - 1] ?? 0) + 1).length;
  assert.ok(neighbours > ids.length / 2, `${neighbours} of ${ids.length} follow one another`);
});

test("a link delivers twice as often as its model says, and replies are taken once", async () => {
  const { replies, total } = await askMany({ link: { latency: 1, duplicate: 0.1 } });
  assert.equal(replies, 400);
  assert.ok(total > 415 && total < 470, `${total} were added by 400 calls`);
});

test("a link lets messages overtake one another, and none without being told to", async () => {
  const orders = await Promise.all(
    [{ latency: 1 }, { latency: 1, reorder: { share: 0.3, byMs: 20 } }].map(async (link) => {
      const { world, client } = await pair({ link });
      const totals: number[] = [];
      const asked = Array.from({ length: 100 }, async (_, index) => {
        await client.add({ by: 1 });
        totals.push(index);
      });
      await world.settle(Promise.all(asked));
      return totals.every((value, index) => value === index);
    }),
  );
  assert.deepEqual(orders, [true, false]);
});

test("a link damages messages: what can be read arrives changed, what cannot is lost, and nothing breaks", async () => {
  const { outcomes, world } = await askMany({ link: { latency: 1, corrupt: 0.2 } });
  const kinds = new Set(outcomes.map(({ kind }) => kind));
  for (const kind of ["reply", "bounced", "timeout", "defect"] as const) assert.ok(kinds.has(kind), kind);
  assert.ok(world.trace.records.some(({ kind, text }) => kind === "lost" && text.startsWith("damaged")));
});

test("a link passes so many bytes in a second", async () => {
  const { world, client } = await pair({ link: { latency: 0, bytesPerSecond: 1000 } });
  const startMs = world.elapsedMs;
  await world.settle(Promise.all(Array.from({ length: 10 }, () => client.add({ by: 1 }))));
  assert.ok(world.elapsedMs - startMs > 10 * 8, `${world.elapsedMs - startMs} ms`);
});

test("a held message waits until it is released, and what follows it on the connection waits too", async () => {
  const { world, client } = await pair();
  const rule = world.messages({ from: "front", to: "back", method: "counter.add", nth: 2 }, "hold");
  const done: number[] = [];
  for (const by of [1, 2, 3]) void client.add({ by }).then(() => done.push(by));
  await world.run({ forMs: 1000 });
  assert.deepEqual([done, rule.held, rule.hits], [[1], 1, 1]);
  rule.release();
  await world.run({ forMs: 1000 });
  assert.deepEqual([done, rule.held], [[1, 2, 3], 0]);
});

test("single messages are dropped, doubled and delayed by rule", async () => {
  const { world, client } = await pair();
  world.messages({ method: "counter", nth: 1 }, "drop");
  assert.equal((await world.settle(outcomeOf(client.add({ by: 1 }, { timeoutMs: 500 })))).kind, "timeout");
  world.messages({ method: "counter", nth: 1 }, "duplicate");
  assert.equal((await world.settle(client.add({ by: 10 }))).total, 10);
  assert.equal((await world.settle(client.add({ by: 0 }))).total, 20);
  const slow = world.messages({ to: "back" }, { delayMs: 300 });
  const startMs = world.elapsedMs;
  await world.settle(client.add({ by: 0 }));
  assert.equal(world.elapsedMs - startMs, 310);
  slow.remove();
  assert.throws(() => world.messages({ to: "nobody" }, "hold"), { code: "not_found" });
  assert.throws(() => world.messages({ nth: 0 }, "hold"), { message: /nth is 0, write a whole number from 1/ });
  assert.throws(() => world.messages({}, "lose" as "drop"), { message: /write hold, drop, duplicate or/ });
});

test("a lost update is forced at the first try by a named point", async () => {
  const world = createWorld();
  world.node("cell", { components: [cell] });
  world.node("till", { components: [till] });
  const visitor = world.node("visitor");
  await world.start();
  const rule = world.points({ at: "read", nth: 1 }, { hold: true });
  const first = visitor.life.client(Till).pay({ amount: 1 });
  await world.until(() => rule.held.length === 1);
  await world.settle(visitor.life.client(Till).pay({ amount: 1 }));
  assert.equal(rule.release(), 1);
  assert.equal((await world.settle(first)).total, 1);
  assert.equal((await world.settle(visitor.life.client(Cell).get({}))).value, 1);
});

test("a paused node does nothing, and goes on with what has come due", async () => {
  const { world, client } = await pair();
  world.inject("pause back");
  const call = outcomeOf(client.add({ by: 1 }, { timeoutMs: 5000 }));
  await world.run({ forMs: 1000 });
  world.inject("resume back");
  const outcome = await world.settle(call);
  assert.equal(outcome.kind, "reply");
  assert.ok(world.elapsedMs >= 1000 && world.elapsedMs < 1100, `${world.elapsedMs} ms`);
});

test("a slow node takes its messages in one after the other", async () => {
  const { world, client } = await pair();
  world.inject("slow back 50 ms");
  const startMs = world.elapsedMs;
  await world.settle(Promise.all(Array.from({ length: 10 }, () => client.add({ by: 1 }))));
  assert.equal(world.elapsedMs - startMs, 510);
  world.inject("slow back 0 ms");
  const nextMs = world.elapsedMs;
  await world.settle(client.add({ by: 1 }));
  assert.equal(world.elapsedMs - nextMs, 10);
});

test("a clogged link holds back without breaking", async () => {
  const { world, client } = await pair({ breakAfterMs: 1000 });
  world.inject("clog front>*");
  const call = client.add({ by: 1 }, { timeoutMs: 60_000 });
  await world.run({ forMs: 20_000 });
  world.inject("unclog front>*");
  assert.equal((await world.settle(call)).total, 1);
});

test("a swizzle stops every link, and lets all go on in the end", async () => {
  const { world, client } = await pair();
  world.swizzle(["front", "back"], { stepMs: 100 });
  await world.run({ forMs: 500 });
  assert.equal((await world.settle(client.add({ by: 1 }, { timeoutMs: 2000 }))).total, 1);
  const faults = world.trace.records.filter(({ kind }) => kind === "fault").map(({ text }) => text.split(" ")[0]);
  assert.deepEqual(faults, ["clog", "clog", "clog", "clog", "unclog", "unclog", "unclog", "unclog"]);
});

test("a healed cut leaves nothing to happen", async () => {
  const { world } = await pair({ breakAfterMs: 120_000 });
  const { planned } = world;
  world.cut("front", "back");
  assert.equal(world.planned, planned + 1);
  world.heal();
  assert.equal(world.planned, planned);
});

const Log = defineService("log", {
  write: { request: json<{ text: string; isSynced: boolean }>(), reply: json<Record<string, never>>() },
  read: { request: json<Record<string, never>>(), reply: json<{ text: string }>() },
});

test("a disk keeps what was synced over a crash, and chance decides on the rest", async () => {
  const kept = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const world = createWorld({ seed });
    const store = world.node("store", {
      components: ({ disk }) => [
        defineComponent(Log, () => ({
          async write({ text, isSynced }) {
            await disk.append("log", new TextEncoder().encode(text));
            if (isSynced) await disk.sync();
            return {};
          },
          read: async () => ({ text: new TextDecoder().decode(await disk.read("log")) }),
        })),
      ],
    });
    const visitor = world.node("visitor");
    await world.start();
    const log = visitor.life.client(Log);
    await world.settle(log.write({ text: "a", isSynced: true }));
    await world.settle(log.write({ text: "b", isSynced: false }));
    await world.settle(log.write({ text: "c", isSynced: false }));
    world.inject("crash store");
    await world.settle(store.restart());
    await world.run({ forMs: 100 });
    kept.add((await world.settle(log.read({}))).text);
    world.inject("disk store full");
    const outcome = await world.settle(outcomeOf(log.write({ text: "d", isSynced: true })));
    assert.equal(outcome.kind, "error");
    world.inject("restart-empty store");
    world.inject("disk store ok");
    await world.run({ forMs: 100 });
    assert.equal((await world.settle(log.read({}))).text, "");
  }
  assert.deepEqual([...kept].sort(), ["a", "ab", "abc"]);
});

test("faults happen at their time, each as a line of the trace", async () => {
  const { world, back, front } = await pair();
  world.at(1000, "crash back");
  world.at(2000, "restart back");
  await world.run({ forMs: 1500 });
  assert.equal(back.alive, false);
  await world.run({ forMs: 1000 });
  assert.equal(back.alive, true);
  assert.equal((await world.settle(front.life.client(Counter).add({ by: 1 }))).total, 1);
  const faults = world.trace.records.filter(({ kind }) => kind === "fault");
  assert.deepEqual(
    faults.map(({ tick, text }) => `${tick / 1000} ${text}`),
    ["1000 crash back", "2000 restart back"],
  );
  assert.throws(() => world.at(1, "crash back"), { message: /the world is at/ });
});

test("a lease that trusts clocks fails once they differ by more than its margin", async () => {
  const holds = async (skewMs: number) => {
    const world = createWorld();
    const a = world.node("a", { skew: { offsetMs: skewMs } });
    const b = world.node("b");
    await world.start();
    const grantedUntilMs = a.clock.now() + 1000; // a grants, b uses it for 900 ms by its own clock.
    await world.run({ forMs: 950 });
    const bTrusts = b.clock.now() < grantedUntilMs - 40;
    const aTrusts = a.clock.now() < grantedUntilMs;
    return bTrusts && !aTrusts;
  };
  assert.equal(await holds(0), false);
  const world = createWorld();
  const node = world.node("a", { skew: { drift: 1e-3 } });
  await world.start();
  await world.run({ forMs: 100_000 });
  assert.equal(Math.round(node.clock.monotonic()), 100_100);
  world.inject("jump a -5000 ms");
  assert.equal(Math.round(node.clock.now() - 1_767_225_600_000), 95_100);
  assert.equal(Math.round(node.clock.monotonic()), 100_100);
});

const Rare = defineService("rare", {
  ask: { request: json<Record<string, never>>(), reply: json<{ isRare: boolean }>() },
});

const rare = defineComponent(Rare, () => ({
  ask: async (_request, context) => ({ isRare: context.maybe("cache-miss") }),
}));

async function countRare(options: WorldOptions): Promise<number> {
  const world = createWorld(options);
  world.node("back", { components: [rare] });
  const front = world.node("front");
  await world.start();
  let count = 0;
  for (let index = 0; index < 100; index++) if ((await world.settle(front.life.client(Rare).ask({}))).isRare) count++;
  return count;
}

test("what is rare happens at a quarter of its places, a quarter of the times, and never unless it is asked for", async () => {
  const counts = await Promise.all(Array.from({ length: 40 }, (_, seed) => countRare({ seed, rare: true })));
  const on = counts.filter((count) => count > 0);
  assert.ok(on.length > 3 && on.length < 18, `${on.length} of 40 worlds`);
  for (const count of on) assert.ok(count > 10 && count < 42, `${count} of 100 times`);
  assert.equal(await countRare({ seed: counts.findIndex((count) => count > 0) }), 0);
});
