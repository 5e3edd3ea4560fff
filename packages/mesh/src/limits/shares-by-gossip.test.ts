import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld, type ModelNode } from "@orrery/sim";
import { createGossipDirectory } from "../discovery/gossip-directory.ts";
import { createLimits, type Limits } from "./node-limits.ts";

const Import = defineService("import", { row: { request: json<object>(), reply: json<object>() } });

const RATE = 100;
const SENDERS = 5;
/** Full buckets of each sender, and each a token at most that rounding or a change left over. */
const ERROR = 2 * SENDERS;
const RULE = { name: "imports", flow: "import", perSecond: RATE, burst: 1, shared: true } as const;

/** Nodes that find one another by gossip, of which five want more of the flow "import" than they may have together. */
function setUp(rules: (sender: number) => readonly (typeof RULE)[] = () => [RULE]) {
  const world = createWorld({ seed: 21, trace: "off", link: { latency: { kind: "uniform", minMs: 1, maxMs: 20 } } });
  const arrived: number[] = [];
  const directory = () => createGossipDirectory({ seeds: ["sim://store"] });
  const row = defineComponent(Import, () => ({ row: () => ({ at: arrived.push(world.elapsedMs) }) }), {
    instances: 64,
  });
  world.node("store", { components: [row], directory });
  const limitsOf: Limits[] = [];
  const send = async (node: ModelNode) => {
    const flow = node.life.beginFlow("import");
    await outcomeOf(flow.client(Import).row({}, { timeoutMs: 1_000 }));
    await flow.end();
  };
  for (let sender = 0; sender < SENDERS; sender++) {
    const limits = createLimits({ breakers: [{ off: true }], throttles: rules(sender) });
    limitsOf.push(limits);
    world.node(`n${sender}`, {
      components: [],
      directory,
      limits: () => limits,
      async run(node) {
        for (;;) {
          await node.clock.sleep(5);
          void send(node);
        }
      },
    });
  }
  const within = (fromMs: number, toMs: number) => arrived.filter((atMs) => atMs >= fromMs && atMs < toMs).length;
  const assertHeld = (fromMs: number, toMs: number) => {
    for (let atMs = fromMs; atMs + 1_000 <= toMs; atMs += 500) {
      const count = within(atMs, atMs + 1_000);
      assert.ok(count <= RATE + ERROR, `${count} messages in the second from ${atMs} ms`);
    }
  };
  return { world, limitsOf, within, assertHeld };
}

test("createLimits shares a rate with all nodes that gossip, with nothing wired by hand, in every second", async () => {
  const { world, limitsOf, within, assertHeld } = setUp();
  await using _ = world;
  await world.start();
  await world.run({ forMs: 25_000 });
  assertHeld(0, 25_000);
  const steady = within(10_000, 25_000) / 15;
  assert.ok(steady >= 0.9 * RATE, `${steady} a second of ${RATE}`);
  for (const limits of limitsOf) {
    const { perSecond = 0 } = limits.throttles()[0] ?? assert.fail("none");
    assert.ok(Math.abs(perSecond - RATE / SENDERS) < 2, `its part is ${perSecond}`);
  }
  world.inject("crash n4");
  await world.run({ forMs: 45_000 });
  assertHeld(25_000, 70_000);
  const after = within(62_000, 70_000) / 8;
  assert.ok(after >= 0.9 * RATE, `${after} a second once the part of one that died is free`);
});

test("createLimits takes a node among those that share a rate when its rule comes later", async () => {
  const { world, limitsOf, within, assertHeld } = setUp((sender) => (sender === 0 ? [] : [RULE]));
  await using _ = world;
  await world.start();
  await world.run({ forMs: 20_000 });
  assert.ok(within(10_000, 20_000) / 10 > 2 * RATE, "who has no rule is not held");
  limitsOf[0]?.change({ throttles: [RULE] });
  await world.run({ forMs: 20_000 });
  assertHeld(21_000, 40_000);
  const steady = within(30_000, 40_000) / 10;
  assert.ok(steady >= 0.9 * RATE, `${steady} a second of ${RATE}`);
  const parts = limitsOf.map((limits) => limits.throttles()[0]?.perSecond ?? 0);
  assert.ok(Math.abs((parts[0] ?? 0) - RATE / SENDERS) < 2, `parts are ${parts.join()}`);
});
