import { test } from "node:test";
import { assertHolds, defineScenario } from "@orrery/sim";
import { type GossipWorld, joinGossip, nodeName, seedsOf } from "./testing/gossip-world.ts";

const IS_LONG = process.env["ORRERY_LONG"] === "1";

const agreement = defineScenario("all living nodes agree on who is alive", {
  world: { link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 20 } }, startWithinMs: 2000 },
  setup(world): GossipWorld {
    const gossip = joinGossip(world, { seeds: seedsOf(2) });
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
  faults: ["crash", "wipe", "partition", "clog", "pause", "slow", "loss", "duplicate", "reorder", "jump"],
});

test("createGossipDirectory comes to agree on who is alive, whatever went wrong before", async () => {
  await assertHolds(agreement, { runs: IS_LONG ? 5000 : 150 });
});
