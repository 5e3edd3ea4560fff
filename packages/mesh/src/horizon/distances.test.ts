import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { createLimits } from "../limits/node-limits.ts";
import { createDistances, keepMeasuring } from "./distances.ts";

const Where = defineService("where", {
  am: { request: json<Record<string, never>>(), reply: json<{ node: string }>() },
});

/** A caller at 1, 4 and 40 ms from three nodes that all serve the same. */
async function setUp(strict: boolean) {
  const world = createWorld({ seed: 3, trace: "off" });
  const distances = createDistances({ strict });
  const limits = createLimits({ distances });
  for (const name of ["one", "four", "forty"])
    world.node(name, { components: [defineComponent(Where, () => ({ am: async () => ({ node: name }) }))] });
  const caller = world.node("caller", { limits: () => limits });
  await world.start();
  for (const [name, ms] of [
    ["one", 1],
    ["four", 4],
    ["forty", 40],
  ] as const)
    for (const way of [`caller>${name}`, `${name}>caller`]) world.inject(`link ${way} latency ${ms}`);
  const end = new AbortController();
  const addresses = () => ["one", "four", "forty"].map((name) => `sim://${name}`);
  const call = async (distanceMs: number) => {
    const outcome = await world.settle(outcomeOf(caller.life.client(Where).am({}, { horizon: { distanceMs } })));
    return outcome.kind === "reply" ? outcome.value.node : outcome.error.reason;
  };
  const measure = async () => {
    void keepMeasuring(caller.life, distances, { addresses, everyMs: 500, signal: end.signal });
    await world.run({ forMs: 5000 });
    end.abort();
  };
  return { world, distances, call, measure };
}

async function callsOf(call: (distanceMs: number) => Promise<unknown>, distanceMs: number): Promise<Set<unknown>> {
  const seen = new Set<unknown>();
  for (let turn = 0; turn < 12; turn++) seen.add(await call(distanceMs));
  return seen;
}

test("createDistances keeps calls to places within 5 ms of 1, 4 and 40, once they are measured", async () => {
  const { world, distances, call, measure } = await setUp(false);
  await using _ = world;
  await callsOf(call, 5);
  await world.run({ forMs: 1000 });
  assert.equal((await callsOf(call, 5)).size, 3, "what nobody has measured is not too far");
  await measure();
  for (const [name, ms] of [
    ["one", 1],
    ["four", 4],
    ["forty", 40],
  ] as const) {
    const distance = distances.of(`sim://${name}`) ?? assert.fail(name);
    assert.ok(Math.abs(distance.ms - ms) <= Math.max(0.2, distance.errorMs), `${name}: ${distance.ms}`);
  }
  assert.deepEqual(await callsOf(call, 5), new Set(["one", "four"]));
  assert.deepEqual(await callsOf(call, 2), new Set(["one"]));
  assert.deepEqual(await callsOf(call, 0.1), new Set(["horizon_exceeded"]));
});

test("createDistances counts the error of a distance where it is strict", async () => {
  const { world, distances, call, measure } = await setUp(true);
  await using _ = world;
  await measure();
  const address = "sim://four";
  // Round trips of 4 to 12 ms: 4 ms away, give or take 2.
  for (let at = 0; at < 64; at++)
    distances.add(address, {
      sentMs: 6000 + at,
      roundTripMs: 4 + (at % 9),
      peerMs: 0,
      sentWallMs: 0,
      peerWallMs: undefined,
    });
  const distance = distances.of(address) ?? assert.fail("unknown");
  assert.ok(distance.ms <= 4 && distance.errorMs > 2, `${distance.ms} ± ${distance.errorMs}`);
  assert.deepEqual(await callsOf(call, 5), new Set(["one"]));
});
