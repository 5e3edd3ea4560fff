import assert from "node:assert/strict";
import { test } from "node:test";
import { type Context, defineComponent, defineService, json, outcomeOf, type ShareNews } from "@orrery/core";
import { createWorld, type ModelNode } from "@orrery/sim";
import { createGossipDirectory } from "../discovery/gossip-directory.ts";
import { createLimits, type Limits } from "./node-limits.ts";
import type { ThrottleRule } from "./rules.ts";

const Import = defineService("import", {
  row: { request: json<Record<string, never>>(), reply: json<Record<string, never>>() },
});
const Shares = defineService("shares", { tell: { request: json<ShareNews>(), mode: "broadcast" } });

const RATE = 100;
const SENDERS = 4;
/** Full buckets of each sender, and each a token at most that rounding or a change left over. */
const ERROR = 2 * SENDERS;

/** Senders that all want more than the rate of the flow "import", and one flow that nobody limits. */
function setUp(rule: Partial<ThrottleRule> = {}) {
  const world = createWorld({ seed: 11, trace: "off", link: { latency: { kind: "uniform", minMs: 1, maxMs: 20 } } });
  const arrived: number[] = [];
  const outcomes = new Map<string, number>();
  const row = defineComponent(
    Import,
    () => ({
      row: async (_, context) => {
        if (context.flow.name === "import") arrived.push(world.elapsedMs);
        return {};
      },
    }),
    { instances: 64 },
  );
  world.node("store", { components: [row] });
  const limitsOf = new Map<string, Limits>();
  const send = async (node: ModelNode, flowName: string) => {
    const flow = node.life.beginFlow(flowName);
    const outcome = await outcomeOf(flow.client(Import).row({}, { timeoutMs: 1000 }));
    flow.end();
    const key = `${flowName} ${outcome.kind === "reply" ? "reply" : outcome.error.reason}`;
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
  };
  for (let index = 0; index < SENDERS; index++) {
    const name = `n${index}`;
    const limits = createLimits({
      breakers: [{ off: true }],
      throttles: [{ name: "imports", flow: "import", perSecond: RATE, burst: 1, shared: true, ...rule }],
    });
    limitsOf.set(name, limits);
    const shares = defineComponent(Shares, () => ({ tell: (news) => limits.hear(news) }));
    world.node(name, {
      components: [shares],
      limits: () => limits,
      async run(node) {
        for (let turn = 0; ; turn++) {
          await node.clock.sleep(10);
          void send(node, "import");
          if (turn % 10 === 0) void send(node, "other");
          if (turn % 25 === 0) node.life.publish(Shares).tell(limits.tell());
        }
      },
    });
  }
  const within = (fromMs: number, toMs: number) => arrived.filter((atMs) => atMs >= fromMs && atMs < toMs).length;
  return { world, arrived, outcomes, limitsOf, within };
}

test("Throttles hold four senders of one flow to its rate together, in every second, and leave other flows alone", async () => {
  const { world, outcomes, within } = setUp();
  await using _ = world;
  await world.start();
  await world.run({ forMs: 40_000 });
  for (let fromMs = 0; fromMs < 39_000; fromMs += 500) {
    const count = within(fromMs, fromMs + 1000);
    assert.ok(count <= RATE + ERROR, `${count} messages in the second from ${fromMs} ms`);
  }
  const steady = within(10_000, 40_000) / 30;
  assert.ok(steady >= 0.9 * RATE, `${steady} a second of ${RATE}`);
  assert.deepEqual([...outcomes.keys()].sort(), ["import reply", "import throttled", "other reply"]);
});

test("Throttles keep to the rate for 30 s of a partition, give it to each side then, and share it again after", async () => {
  const { world, within } = setUp();
  await using _ = world;
  await world.start();
  await world.run({ forMs: 10_000 });
  world.inject("partition n0,n1 | n2,n3");
  await world.run({ forMs: 29_000 });
  for (let fromMs = 9000; fromMs < 38_000; fromMs += 500) {
    const count = within(fromMs, fromMs + 1000);
    assert.ok(count <= RATE + ERROR, `${count} messages in the second from ${fromMs} ms`);
  }
  await world.run({ forMs: 20_000 });
  const apart = within(50_000, 59_000) / 9;
  assert.ok(apart > 1.8 * RATE && apart <= 2 * RATE + ERROR, `${apart} a second on two sides`);
  world.inject("heal");
  await world.run({ forMs: 20_000 });
  const whole = within(70_000, 79_000) / 9;
  assert.ok(whole > 0.9 * RATE && whole <= RATE + ERROR, `${whole} a second when whole`);
});

test("Throttles drop what is too much where they are to, and take another rate at once", async () => {
  const { world, outcomes, within, limitsOf } = setUp({ shared: false, perSecond: 20, overflow: "drop" });
  await using _ = world;
  await world.start();
  await world.run({ forMs: 10_000 });
  assert.ok(Math.abs(within(1000, 10_000) / 9 - 80) <= 2, "four times 20");
  assert.deepEqual([...outcomes.keys()].sort(), ["import dropped", "import reply", "other reply"]);
  for (const limits of limitsOf.values())
    limits.change({ throttles: [{ name: "imports", flow: "import", perSecond: 10, burst: 1 }] });
  await world.run({ forMs: 10_000 });
  assert.ok(Math.abs(within(11_000, 20_000) / 9 - 40) <= 2, "four times 10");
  const counts = limitsOf.get("n0")?.throttles()[0] ?? assert.fail("none");
  assert.ok(counts.refused > counts.passed, `${counts.refused} refused, ${counts.passed} passed`);
});

test("Throttles send back what is too much where it may only go nearer, and nobody is there", async () => {
  const world = createWorld({ seed: 12, trace: "off" });
  await using _ = world;
  const served = { near: 0, far: 0 };
  const counting = (where: "near" | "far") =>
    defineComponent(Import, () => ({
      row: async () => {
        served[where]++;
        return {};
      },
    }));
  world.node("far", { components: [counting("far")] });
  const rule = { name: "out", beyond: "process", perSecond: 10, burst: 1, overflow: "local" } as const;
  const caller = world.node("caller", { limits: () => createLimits({ throttles: [rule] }) });
  await world.start();
  const reasons: unknown[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const outcome = await world.settle(outcomeOf(caller.life.client(Import).row({})));
    reasons.push(outcome.kind === "reply" ? "reply" : outcome.error.reason);
  }
  assert.deepEqual(reasons, ["reply", "throttled", "throttled"]);
  assert.deepEqual(served, { near: 0, far: 1 });
});

/** A place on the caller's host and one far away, behind a throttle that counts what leaves the host. */
async function callPast({ isGossip, restMs }: { readonly isGossip: boolean; readonly restMs: number }) {
  const world = createWorld({ seed: 3, trace: "off", link: { latency: 2 } });
  const machines: Readonly<Record<string, string>> = { caller: "m1", near: "m1", far: "m2" };
  const by: Record<string, number> = {};
  const place = (name: string, instances: number) => {
    const row = async (_: object, { clock }: Context) => {
      await clock.sleep(restMs);
      by[name] = (by[name] ?? 0) + 1;
      return {};
    };
    return defineComponent(Import, () => ({ row }), { instances });
  };
  const found = (name: string) => {
    const isSameHost = (address: string) => machines[address.replace("sim://", "")] === machines[name];
    const directory = () => createGossipDirectory({ seeds: ["sim://far"], isSameHost });
    return { machine: machines[name] ?? "", ...(isGossip && { directory }) };
  };
  world.node("far", { components: [place("far", 64)], ...found("far") });
  world.node("near", { components: [place("near", 1)], ...found("near") });
  const rule = { name: "out", beyond: "host", perSecond: 10, burst: 1, overflow: "local" } as const;
  const limits = createLimits({ breakers: [{ off: true }], throttles: [rule] });
  const caller = world.node("caller", { limits: () => limits, ...found("caller") });
  await world.start();
  await world.run({ forMs: 3_000 });
  const reasons: string[] = [];
  const open: Promise<unknown>[] = [];
  for (let turn = 0; turn < 200; turn++) {
    const call = outcomeOf(caller.life.client(Import).row({}, { timeoutMs: 20_000 }));
    open.push(call.then((outcome) => outcome.kind === "reply" || reasons.push(outcome.error.reason ?? "")));
    await world.run({ forMs: 5 });
  }
  await world.settle(Promise.all(open));
  return { world, by, reasons, limits };
}

for (const isGossip of [true, false])
  test(`Throttles send what is too much to a busy place that they do not count, found by ${isGossip ? "gossip" : "address"}`, async () => {
    const { world, by, reasons, limits } = await callPast({ isGossip, restMs: 30 });
    await using _ = world;
    assert.deepEqual(reasons, [], "none comes back");
    const { far = 0, near = 0 } = by;
    assert.ok(far >= 9 && far <= 11 && far + near === 200, JSON.stringify(by));
    const { passed, refused } = limits.throttles()[0] ?? assert.fail("none");
    assert.equal(passed, far);
    assert.ok(refused > 0 && refused <= near, `${refused} of ${near} were too much`);
  });
