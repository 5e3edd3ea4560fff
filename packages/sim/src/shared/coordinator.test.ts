import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, defineComponent, defineService, json } from "@orrery/core";
import { setupMarket } from "../testing/market.ts";
import { Counter, counter } from "../testing/shop.ts";
import { createWorld } from "../world/create-world.ts";
import type { World } from "../world/world.ts";
import { createCoordinator } from "./coordinator.ts";
import { createLocalMembers, type LocalMembersOptions } from "./local-members.ts";
import type { MemberPort } from "./member-port.ts";
import { createPlacement } from "./placement.ts";

const WORLD = { seed: 5, link: { latency: 2 } };

function make(options: Partial<LocalMembersOptions> = {}) {
  return createLocalMembers({ members: 3, world: WORLD, setup: (world) => void setupMarket(world), ...options });
}

async function hashOf(coordinator: ReturnType<typeof make>["coordinator"]): Promise<string> {
  while ((await coordinator.run()).state === "paused");
  return (await coordinator.finish()).hash;
}

test("createCoordinator runs single events in the one order of the whole world", async () => {
  const { coordinator, members } = make();
  const one = createWorld({ ...WORLD, trace: "keep" });
  setupMarket(one);
  await one.start();
  await one.run();
  const events = one.trace.records.filter(({ part }) => part === 0);
  for (const event of events.slice(0, 60)) {
    const before = members.map(({ world }) => world.events);
    const { elapsedMs } = await coordinator.step();
    const who = members.filter(({ world }, index) => world.events > (before[index] ?? 0));
    assert.equal(who.length, 1);
    const { current } = (who[0] as (typeof members)[number]).world.scheduler;
    const nodes = [...one.nodes.keys()];
    assert.deepEqual(
      [elapsedMs * 1000, `${nodes[(current?.origin ?? 0) - 1] ?? ""}#${current?.sequence}`],
      [event.tick, event.id],
    );
  }
  assert.equal(await hashOf(coordinator), one.trace.hash);
});

test("createCoordinator runs tick by tick, up to a time and up to an event, and the run stays the same", async () => {
  const expected = await hashOf(make().coordinator);
  const { coordinator } = make();
  const first = await coordinator.tick();
  const second = await coordinator.tick(3);
  assert.ok(second.elapsedMs > first.elapsedMs);
  const at = await coordinator.run({ untilMs: 50 });
  assert.ok(at.elapsedMs < 50 && (at.nextMs ?? 0) >= 50, JSON.stringify(at));
  const met = await coordinator.run({ match: ["delivery at till", "till.pay"] });
  assert.match(met.matched, /^[\d.]+ ms delivery at till from visitor-\d: request \d+ till\.pay$/);
  const next = await coordinator.run({ match: ["delivery at till", "till.pay"] });
  assert.ok(next.elapsedMs > met.elapsedMs);
  assert.equal(await hashOf(coordinator), expected);
  await assert.rejects(() => coordinator.step(), { message: /the run has ended/ });
  assert.throws(() => coordinator.tick(0), { message: /Cannot run 0 ticks: write a whole number from 1/ });
});

test("createCoordinator pauses in the middle, and the run stays the same", async () => {
  const setup = (world: World) => void setupMarket(world, { calls: 300 });
  const expected = await hashOf(make({ setup }).coordinator);
  const { coordinator } = make({ setup });
  const running = coordinator.run();
  await assert.rejects(() => coordinator.step(), {
    code: "failed_precondition",
    message: /is running, pause it first/,
  });
  const { state, elapsedMs, nextMs } = await coordinator.pause();
  assert.deepEqual([state, (await running).elapsedMs], ["paused", elapsedMs]);
  assert.ok(nextMs !== undefined);
  assert.equal(await hashOf(coordinator), expected);
});

test("createCoordinator lets things go wrong by hand in every member alike", async () => {
  const hashes = await Promise.all(
    [1, 2, 4].map(async (members) => {
      const { coordinator } = make({ members, endMs: 2000 });
      await coordinator.tick(4);
      await coordinator.inject("crash cell");
      await coordinator.run({ untilMs: 200 });
      await coordinator.inject("restart cell");
      return await hashOf(coordinator);
    }),
  );
  assert.equal(new Set(hashes).size, 1, hashes.join());
  const { coordinator } = make();
  await assert.rejects(() => coordinator.inject("crush cell"), { message: /there is no verb "crush"/ });
  await assert.rejects(() => coordinator.inject("link *>* latency 0"), { message: /may take no time at all/ });
});

test("createCoordinator attaches wall times that nodes then see, and refuses one that goes back", async () => {
  const Stamp = defineService("stamp", { now: { request: json<object>(), reply: json<{ atMs: number }>() } });
  const seen: number[] = [];
  const setup = (world: World) => {
    world.node("stamp", {
      components: [defineComponent(Stamp, () => ({ now: async (_, { clock }) => ({ atMs: clock.now() }) }))],
    });
    world.node("asker", {
      async run({ life, clock }) {
        for (let call = 0; call < 3; call++) {
          await clock.sleep(100);
          seen.push((await life.client(Stamp).now({})).atMs);
        }
      },
    });
  };
  const { coordinator } = make({ members: 2, setup });
  await coordinator.run({ untilMs: 150 });
  const timeMs = Date.parse("2030-05-01T12:00:00Z");
  await coordinator.attach(timeMs);
  await assert.rejects(() => coordinator.attach(timeMs - 1), {
    code: "invalid_argument",
    message: /time must not go back/,
  });
  await coordinator.run();
  assert.equal(seen.length, 3);
  assert.ok((seen[0] ?? 0) < timeMs && (seen[1] ?? 0) >= timeMs && (seen[1] ?? 0) <= timeMs + 100, seen.join());
});

test("createCoordinator stops when a member fails, and names it", async () => {
  const setup = (world: World) => {
    world.node("a", { components: [counter] });
    world.node("b", {
      async run({ life }) {
        await life.client(Counter).add({ by: 1 });
        throw new Error("the visitor gave up");
      },
    });
  };
  const { coordinator } = make({ members: 2, setup });
  await assert.rejects(() => coordinator.run(), {
    message: /member 1 \(b\) failed: the visitor gave up; its last known event is/,
  });
  const { state, isWhole, hash } = await coordinator.finish();
  assert.deepEqual([state, isWhole, hash.length], ["failed", false, 16]);
  await assert.rejects(() => coordinator.run(), { message: /gave up/ });
});

test("createCoordinator names a member that is gone, and nothing hangs", async () => {
  const { coordinator, members } = make({ members: 2 });
  await coordinator.tick(3);
  const gone = lose(members, { how: () => Promise.reject(new Error("it was ended by SIGKILL")) });
  await assert.rejects(() => gone.run(), {
    code: "aborted",
    message: /member 1 \(.+\) is gone: it was ended by SIGKILL/,
  });
  const { state, isWhole } = await gone.finish();
  assert.deepEqual([state, isWhole], ["failed", false]);
});

test("createCoordinator names a member that stalls, by the machine's clock", async () => {
  const world = createWorld();
  const watch = world.node("machine");
  await world.start();
  const { members } = make({ members: 2 });
  const stuck = lose(members, { how: () => new Promise(() => undefined), clock: watch.clock });
  const failing = assert.rejects(() => stuck.run(), {
    code: "deadline_exceeded",
    message: /member 1 .+ has done nothing for 30 s/,
  });
  await world.run({ forMs: 40_000 });
  await failing;
});

/** A coordinator over members of which the second does not answer. */
function lose(
  members: ReturnType<typeof make>["members"],
  { how, clock }: { how: () => Promise<never>; clock?: Clock },
) {
  const ports = members.map((member): MemberPort => {
    const { index, nodes } = member;
    const isLost = index === 1;
    return {
      index,
      nodes,
      grant: (grant) => (isLost ? how() : member.grant(grant)),
      halt: () => member.halt(),
      abandon: () => member.abandon(),
      plan: async () => undefined,
      attach: async () => undefined,
      progress: () => (isLost ? how() : Promise.resolve(member.progress())),
      result: () => (isLost ? how() : Promise.resolve(member.result())),
    };
  });
  return createCoordinator({ members: ports, ...(clock === undefined ? {} : { clock }) });
}

test("createMember refuses a world whose messages may take no time between members, and takes it when they are together", async () => {
  const world = { link: { latency: { kind: "lognormal", medianMs: 5, sigma: 0.3 } } } as const;
  assert.throws(() => make({ world }), {
    code: "failed_precondition",
    message: /messages from "cell" to "till" may take no time at all, .+ place them together/,
  });
  const together = Object.fromEntries(
    ["cell", "till", "counter", "notes", "visitor-0", "visitor-1", "visitor-2"].map((name) => [name, 1]),
  );
  assert.equal((await make({ world, place: together }).coordinator.run()).state, "idle");
  assert.throws(() => make({ world: { ...WORLD, strategy: { slackTicks: 0, eventsMax: 1, choose: () => 0 } } }), {
    message: /Cannot share the clock: a strategy chooses/,
  });
  assert.throws(() => make({ setup: (shared) => void shared.messages({ nth: 2 }, "drop") }), {
    message: /say from which node the nth is/,
  });
});

test("createPlacement keeps the nodes of a machine together, and refuses members that there are not", () => {
  const memberOf = createPlacement({ members: 2, fixed: { far: 1 } });
  const places = [
    { name: "a", machine: "m1" },
    { name: "b", machine: "m2" },
    { name: "c", machine: "m1" },
    { name: "far", machine: "m1" },
    { name: "d", machine: "m3" },
  ];
  const of = places.map(({ name, machine }, index) => memberOf({ name, machine, zone: "", number: index + 1 }));
  assert.deepEqual(of, [0, 1, 0, 1, 0]);
  assert.throws(() => createPlacement({ members: 0 }), {
    message: /Cannot place 0 members: write a whole number from 1/,
  });
  assert.throws(() => createPlacement({ members: 2, fixed: { a: 2 } }), {
    message: /Cannot place node "a" in member 2/,
  });
});
