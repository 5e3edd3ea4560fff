import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "@orrery/core";
import { Counter } from "../testing/shop.ts";
import { createWorld } from "./create-world.ts";

/** Takes a second to start. */
const slow = defineComponent(Counter, (instance) => {
  instance.onStart(() => instance.clock.sleep(1000));
  return { add: async () => ({ total: 0, atMs: 0 }), wait: async () => ({ total: 0 }) };
});

test("start waits no longer for a node that crashes while it starts, and its run is begun in its next life alone", async () => {
  await using world = createWorld();
  const begun: number[] = [];
  const node = world.node("slow", { components: [slow], run: () => void begun.push(world.elapsedMs) });
  world.at(500, "crash slow");
  world.at(3000, "restart slow");
  await world.start();
  assert.deepEqual([node.alive, world.elapsedMs, begun], [false, 500, []]);
  await world.run({ forMs: 10_000 });
  assert.deepEqual([node.alive, begun], [true, [4000]]);
});

test("restart waits no longer for a life that crashes while it starts", async () => {
  await using world = createWorld();
  const node = world.node("slow", { components: [slow] });
  await world.start();
  node.crash();
  world.at(world.elapsedMs + 500, "crash slow");
  await world.settle(node.restart());
  assert.deepEqual([node.alive, world.elapsedMs], [false, 1500]);
});
