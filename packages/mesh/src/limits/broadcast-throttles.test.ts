import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { createLimits } from "./node-limits.ts";

const News = defineService("news", { tell: { request: json<{ at: number }>(), mode: "broadcast" } });

test("Throttles count broadcasts once for each place, and let go of what is too much", async () => {
  const world = createWorld({ seed: 3, trace: "off" });
  await using _ = world;
  const heard = { near: 0, far: 0 };
  const listener = (where: keyof typeof heard) => defineComponent(News, () => ({ tell: () => void heard[where]++ }));
  world.node("near", { components: [listener("near")] });
  world.node("far", { components: [listener("far")] });
  const limits = createLimits({ throttles: [{ name: "news", component: "news", perSecond: 10, burst: 2 }] });
  const teller = world.node("teller", { limits: () => limits });
  await world.start();
  for (let at = 0; at < 100; at++) {
    teller.life.publish(News).tell({ at });
    await world.run({ forMs: 50 }); // Two messages each time, 40 a second, of which 10 may go.
  }
  const [view] = limits.throttles();
  assert.equal(heard.near + heard.far, view?.passed);
  assert.ok(Math.abs((view?.passed ?? 0) - 52) <= 1, `${view?.passed} passed in 5 s, the burst included`);
  assert.equal((view?.passed ?? 0) + (view?.refused ?? 0), 200);
  assert.equal(view?.underWay, 0);
  assert.deepEqual(limits.circuits(), [], "nobody answers a broadcast, so it says nothing of a place");
});
