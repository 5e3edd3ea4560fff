import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { cell, Till, till } from "../testing/shop.ts";
import { createWorld } from "./create-world.ts";

async function shop() {
  const world = createWorld();
  world.node("cell", { components: [cell] });
  world.node("till", { components: [till] });
  const visitor = world.node("visitor");
  await world.start();
  return { world, visitor, client: visitor.life.client(Till) };
}

test("when says which handlers and what happens to them", async () => {
  const { world, visitor, client } = await shop();
  const flow = visitor.life.beginFlow("order-7");
  const seen: string[] = [];
  world.when("read").observe(({ component, flow: { name } }) => seen.push(`${component} ${name}`));
  using late = world.when("read").inFlow("order-7").on("till").in("till").nth(1).delay(500);
  using failing = world.when("read").inFlow(flow).nth(2).fail("unavailable");
  world
    .when("read")
    .where(({ data }) => (data as { value: number }).value > 100)
    .crash();

  const startMs = world.elapsedMs;
  await world.settle(client.pay({ amount: 1 }));
  assert.ok(world.elapsedMs - startMs < 500);
  await world.settle(client.pay({ amount: 1 }, { flow }));
  assert.ok(world.elapsedMs - startMs >= 500);
  assert.equal((await world.settle(outcomeOf(client.pay({ amount: 1 }, { flow })))).kind, "error");
  assert.deepEqual([late.hits, failing.hits, seen.length], [2, 2, 3]);
  assert.equal(seen[1], "till order-7");
});

test("message says which messages and what happens to them", async () => {
  const { world, client } = await shop();
  const rule = world.message("cell.set").from("till").to("cell").nth(1).hold();
  const first = client.pay({ amount: 1 });
  await world.until(() => rule.held === 1);
  rule.release();
  await world.settle(first);
  world.message().to("till").inFlow("nobody's").drop();
  const startMs = world.elapsedMs;
  using slow = world.message("cell").delay(100);
  await world.settle(client.pay({ amount: 1 }));
  assert.ok(slow.hits > 0 && world.elapsedMs - startMs >= 200, `${world.elapsedMs - startMs} ms`);
  let passings = 0;
  world.when("read").observe(() => passings++);
  world.message("till.pay").nth(1).duplicate();
  await world.settle(client.pay({ amount: 10 }));
  await world.run({ forMs: 1000 });
  assert.equal(passings, 2);
});
