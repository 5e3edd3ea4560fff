import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { dataCentres, joinGateways } from "../gateway/testing/gateway-world.ts";
import { CAPACITY } from "./capacity-component.ts";
import type { ElasticEvent } from "./elastic.ts";
import { createLender } from "./lender.ts";
import { sizeNode } from "./size-node.ts";
import { Shop, shop } from "./testing/shop.ts";

/** Two networks with a gateway: `a` sizes its shop, `b` lends near it, and `r` far away. */
async function twoNetworks(scope: "network" | "any") {
  const world = createWorld({ trace: "off", link: dataCentres });
  const joined = joinGateways(world);
  const events: ElasticEvent[] = [];
  const a = joined.node("near", "a", {
    components: [shop({ startMs: 20 })],
    agent: "shops",
    run: ({ life }) => {
      sizeNode(life, {
        components: { shop: { waitMs: 80, idleMs: 2000, coolDownMs: 200, max: 5, step: 1, scope } },
        instancesMax: 1,
        directory: joined.directory("a"),
        networks: ["far"],
        leaseMs: 3000,
        onChange: (event) => void events.push(event),
      });
    },
  });
  const lending = [["near", "b"] as const, ["far", "r"] as const].map(([network, name]) => {
    const lender = createLender({ node: name, components: ["shop"], instancesMax: 2, lendsTo: ["shops"] });
    return joined.node(network, name, {
      components: [shop({ startMs: 20 }), lender.component],
      run: async ({ life }) => {
        await life.setCapacity("shop", { instances: 0 });
        lender.attach(life);
      },
    });
  });
  const d = joined.node("near", "d", { components: [] });
  const passing = ["shop", CAPACITY];
  joined.gateway("gw", {
    networks: ["near", "far"].map((network) => ({ network, exports: passing, imports: passing })),
  });
  await world.start();
  await world.run({ forMs: 5000 });
  const sizes = () =>
    [a, ...lending].map(({ life }) => life.components().find(({ name }) => name === "shop")?.capacity.instances);
  const call = () => outcomeOf(d.life.client(Shop).work({ ms: 40 }, { timeoutMs: 60_000 }));
  return { world, events, sizes, call };
}

test("sizeNode fills node, network and what is behind a gateway, in this order, and gives back in the other", async () => {
  const { world, events, sizes, call } = await twoNetworks("any");
  await using _ = world;
  for (let at = 0; at < 6000; at += 8) {
    void call();
    await world.run({ forMs: 8 });
  }
  assert.deepEqual(sizes(), [1, 2, 2]);
  await world.run({ forMs: 60_000 });
  assert.deepEqual(sizes(), [1, 0, 0]);
  const told = events.flatMap(({ changes }) => changes.map(({ rung, by }) => `${by > 0 ? "+" : "-"}${rung}`));
  const firstsAt = ["+network", "+network far", "-network far", "-network"].map((text) => told.indexOf(text));
  assert.ok(!firstsAt.includes(-1), told.join(", "));
  assert.deepEqual(
    firstsAt,
    [...firstsAt].sort((x, y) => x - y),
    told.join(", "),
  );
});

test("sizeNode asks nobody behind a gateway where the scope is the network", async () => {
  const { world, sizes, call } = await twoNetworks("network");
  await using _ = world;
  for (let at = 0; at < 4000; at += 8) {
    void call();
    await world.run({ forMs: 8 });
  }
  assert.deepEqual(sizes(), [1, 2, 0]);
});
