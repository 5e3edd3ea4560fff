import assert from "node:assert/strict";
import { test } from "node:test";
import { assertHolds, createWorld, replay, ScenarioFailed } from "@orrery/sim";
import scenario from "./auction.sim.ts";
import { Bidding, Lots } from "./contracts.ts";
import lots from "./lots.ts";
import racy from "./racy/auction.sim.ts";
import racyBidding from "./racy/bidding.ts";

const FOUND = [
  "seed 1, calm",
  "without bob",
  "drop ann 2,3",
  "drop cy 2,3",
  "latency ann>bidding 1 = 1.3 ms",
  "pick draw cy/0 1 = 1",
];

test("the highest bid leads", () => assertHolds(scenario, { runs: 200 }));

test("the race that was found is no more", () => replay(scenario, FOUND));

test("the same race by hand, in the code that had it", async () => {
  await using world = createWorld();
  world.node("lots", { components: [lots] });
  world.node("bidding", { components: [racyBidding] });
  const visitor = world.node("visitor");
  await world.start();
  const client = visitor.life.client(Bidding);

  using low = world.when("before-write").nth(1).hold();
  const first = client.bid({ lot: "clock", bidder: "ann", price: 10 });
  await world.until(() => low.held.length === 1);
  await world.settle(client.bid({ lot: "clock", bidder: "bob", price: 20 }));
  low.release();
  await world.settle(first);
  const { price, leader } = await world.settle(visitor.life.client(Lots).read({ lot: "clock" }));
  assert.deepEqual([price, leader], [10, "ann"]); // Bob bid more, was told that he leads, and does not.
});

test("the code that had it still fails as it did", async () => {
  await assert.rejects(replay(racy, FOUND), ScenarioFailed);
});
