import { test } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { assertHolds, defineScenario, type FaultKind } from "@orrery/sim";
import { type GossipWorld, joinGossip, nodeName, seedsOf } from "./testing/gossip-world.ts";
import { createDatagramNet, type DatagramNet } from "./testing/memory-datagrams.ts";

const IS_LONG = process.env["ORRERY_LONG"] === "1";

/** Six nodes under faults, that come to agree once these are over. */
function agreement(how: string, faults: readonly FaultKind[], carrier?: () => DatagramNet["carrier"]) {
  return defineScenario(`all living nodes agree on who is alive${how}`, {
    world: { link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 20 } }, startWithinMs: 2000 },
    setup(world): GossipWorld {
      const gossip = joinGossip(world, { seeds: seedsOf(2) }, carrier?.());
      for (let index = 0; index < 6; index++) gossip.add(nodeName(index));
      return gossip;
    },
    async run(world) {
      await world.start();
      await world.run({ forMs: 30_000 });
    },
    eventually: {
      "all living nodes see exactly one another": (gossip) => gossip.isAgreed(),
    },
    withinMs: 60_000,
    faults,
  });
}

const byLinks = agreement("", [
  "crash",
  "wipe",
  "partition",
  "clog",
  "pause",
  "slow",
  "loss",
  "duplicate",
  "reorder",
  "jump",
]);

// A partition cuts links; datagrams, which the test carries, pass it.
const byDatagrams = agreement(
  ", by datagrams",
  ["crash", "wipe", "partition", "clog", "pause", "slow", "loss", "jump"],
  () => createDatagramNet({ random: createSeededRandom(1), loss: 0.1, repeat: 0.05, delayMaxMs: 20 }).carrier,
);

test("createGossipDirectory comes to agree by datagrams of which a tenth is lost, whatever went wrong before", async () => {
  await assertHolds(byDatagrams, { runs: IS_LONG ? 2000 : 180 });
});

test("createGossipDirectory comes to agree on who is alive, whatever went wrong before", async () => {
  await assertHolds(byLinks, { runs: IS_LONG ? 5000 : 360 });
});
