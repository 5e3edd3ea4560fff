import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld, type ModelNode } from "@orrery/sim";
import { createLimits } from "../limits/node-limits.ts";
import type { ThrottleRule } from "../limits/rules.ts";
import { dataCentres, joinGateways } from "./testing/gateway-world.ts";

const Rows = defineService("rows", { add: { request: json<object>(), reply: json<{ by: string }>() } });

const RATE = 100;

/** Senders in one network that together ask for ten times the rate of flow "import", by gateways, and now and then for another flow. */
async function overload({
  rule,
  gateways,
  isTraced = false,
}: {
  readonly rule: Partial<ThrottleRule>;
  readonly gateways: readonly string[];
  /** Whether a place near by serves the same, and every delivery is noted. */
  readonly isTraced?: boolean;
}) {
  const sent: { readonly node: string; readonly from: string; readonly step: string }[] = [];
  const world = createWorld({
    seed: 5,
    link: dataCentres,
    ...(!isTraced && { trace: "off" as const }),
    onTrace: ({ kind, node, from, what }) => {
      if (kind === "delivery" && what !== undefined) sent.push({ node, from, step: what.step });
    },
  });
  const joined = joinGateways(world);
  const arrived: { readonly flow: string; readonly by: string; readonly atMs: number }[] = [];
  const outcomes: string[] = [];
  const rows = (by: string) =>
    defineComponent(
      Rows,
      () => ({
        add(_, { flow }) {
          arrived.push({ flow: flow.name, by, atMs: world.elapsedMs });
          return { by };
        },
      }),
      { instances: 64 },
    );
  let isOn = false;
  const send = async (node: ModelNode, name: string) => {
    const flow = node.life.beginFlow(name);
    const outcome = await outcomeOf(flow.client(Rows).add({}, { network: "us", timeoutMs: 1_000 }));
    const how =
      outcome.kind === "reply" ? outcome.value.by : `${outcome.kind} ${outcome.error.reason} ${outcome.definite}`;
    outcomes.push(`${name} ${how}`);
    await flow.end();
  };
  for (const index of [0, 1, 2, 3, 4])
    joined.node("eu", `sender-${index}`, {
      components: [],
      async run(node) {
        for (let turn = 0; ; turn++) {
          await node.clock.sleep(5);
          if (!isOn) continue;
          void send(node, "import");
          if (turn % 20 === 0) void send(node, "other");
        }
      },
    });
  if (isTraced) joined.node("eu", "eu-1", { components: [rows("eu-1")] });
  joined.node("us", "us-1", { components: [rows("us-1")] });
  const limits = gateways.map(() =>
    createLimits({ throttles: [{ name: "imports", flow: "import", perSecond: RATE, burst: 4, ...rule }] }),
  );
  const made = gateways.map((name, index) => {
    const own = limits[index];
    const networks = [
      { network: "eu", imports: ["*"] },
      { network: "us", exports: ["*"], ...(own && { limits: own }) },
    ];
    return joined.gateway(name, { networks });
  });
  await world.start();
  await world.run({ forMs: 10_000 });
  isOn = true;
  return { ...joined, arrived, outcomes, limits, made, sent, stop: () => (isOn = false) };
}

type Overload = Awaited<ReturnType<typeof overload>>;

/** Messages of a flow that arrived at a place in each second of a time. */
function inSeconds({ arrived }: Overload, flow: string, fromMs: number, toMs: number): readonly number[] {
  const windows = Math.floor((toMs - fromMs) / 1_000);
  return Array.from({ length: windows }, (_, at) => {
    const beganMs = fromMs + at * 1_000;
    const fits = (one: Overload["arrived"][number]) => one.flow === flow && one.by === "us-1";
    return arrived.filter((one) => fits(one) && one.atMs >= beganMs && one.atMs < beganMs + 1_000).length;
  });
}

for (const gateways of [["gw"], ["gw", "gx"]])
  test(`createGateway holds a flow to its rate over ${gateways.length} of them, in every second, and leaves others alone`, async () => {
    const run = await overload({ rule: { shared: true }, gateways });
    const { world, outcomes, limits } = run;
    await using _ = world;
    await world.run({ forMs: 30_000 });
    for (const [at, count] of inSeconds(run, "import", 20_000, 40_000).entries())
      assert.ok(Math.abs(count - RATE) <= 1, `${count} in second ${at} of ${RATE}`);
    for (const count of inSeconds(run, "other", 20_000, 40_000))
      assert.ok(Math.abs(count - 50) <= 5, `${count} others`);
    assert.deepEqual([...new Set(outcomes)].sort(), ["import bounced throttled true", "import us-1", "other us-1"]);
    for (const one of limits)
      one.change({ throttles: [{ name: "imports", flow: "import", perSecond: 40, burst: 4, shared: true }] });
    await world.run({ forMs: 10_000 });
    for (const count of inSeconds(run, "import", 42_000, 50_000))
      assert.ok(Math.abs(count - 40) <= 1, `${count} of 40 after the change`);
  });

test("createGateway gives the part of a gateway that dies to those that live", async () => {
  const run = await overload({ rule: { shared: true }, gateways: ["gw", "gx"] });
  const { world, kill } = run;
  await using _ = world;
  await world.run({ forMs: 20_000 });
  kill("gx");
  await world.run({ forMs: 80_000 });
  const [before] = inSeconds(run, "import", 31_000, 32_000);
  for (const count of inSeconds(run, "import", 30_000, 90_000))
    assert.ok(count <= RATE + 1, `never more than the rate: ${count}`);
  for (const count of inSeconds(run, "import", 80_000, 90_000)) assert.ok(Math.abs(count - RATE) <= 1, `${count}`);
  assert.ok((before ?? RATE) < 0.8 * RATE, "for a while its part is nobody's");
});

for (const overflow of ["local", "drop", "bounce"] as const)
  test(`createGateway does with what is too much as it is told: ${overflow}`, async () => {
    const rule = { overflow, beyond: "process" } as const;
    const run = await overload({ rule, gateways: ["gw"], isTraced: true });
    const { world, arrived, outcomes, limits, made, sent, stop } = run;
    await using _ = world;
    await world.run({ forMs: 10_000 });
    stop();
    await world.run({ forMs: 5_000 });
    const of = (name: string) => outcomes.filter((one) => one === `import ${name}`).length;
    const all = outcomes.filter((one) => one.startsWith("import")).length;
    const excess = all - of("us-1");
    assert.ok(all >= 9_900 && of("us-1") >= 10 * RATE && of("us-1") <= 10 * RATE + 4, `${of("us-1")} of ${all}`);
    const served = arrived.filter(({ flow, by }) => flow === "import" && by === "eu-1").length;
    const { refused, dropped, local } = made[0]?.counts()[0] ?? assert.fail("none");
    const wanted = { local: [0, 0, excess], drop: [0, excess, 0], bounce: [excess, 0, 0] };
    assert.deepEqual([refused, dropped, local], wanted[overflow]);
    const ended = { local: "eu-1", drop: "timeout timeout false", bounce: "bounced throttled true" };
    assert.equal(of(ended[overflow]), excess, "every message that was too much ended so, and no other");
    assert.equal(served, overflow === "local" ? excess : 0);
    assert.equal(limits[0]?.throttles()[0]?.refused, excess);
    const replies = sent.filter(
      ({ from, node, step }) => from === "gw.eu" && node.startsWith("sender") && step === "reply",
    );
    const answered = outcomes.filter((one) => !one.includes("timeout")).length;
    assert.equal(replies.length, answered, "nothing is said of what is let go");
  });
