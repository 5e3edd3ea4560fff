import type { Component } from "@orrery/core";
import { defineScenario } from "@orrery/sim";
import { Bidding, Lots } from "./contracts.ts";
import lots from "./lots.ts";

/** Three people bid for one lot. Whoever was told that a bid is accepted, and bid the most, must lead in the end. */
export function auctionOf(bidding: Component) {
  return defineScenario("the highest bid leads", {
    world: { link: { latency: { kind: "uniform", minMs: 1, maxMs: 5 } } },
    setup(world) {
      world.node("lots", { components: [lots] });
      world.node("bidding", { components: [bidding] });
      const accepted = [{ bidder: "", price: 0 }];
      for (const bidder of ["ann", "bob", "cy"])
        world.node(bidder, {
          async run(node) {
            for (const price of world.operations(bidder, 3, (draw) => 1 + draw.integer(100))) {
              const { isAccepted } = await node.life.client(Bidding).bid({ lot: "clock", bidder, price });
              if (isAccepted) accepted.push({ bidder, price });
            }
          },
        });
      return accepted;
    },
    async check(accepted, world) {
      const most = Math.max(...accepted.map(({ price }) => price));
      const asker = world.nodes.get("ann");
      if (asker === undefined) return;
      const { price } = await world.settle(asker.life.client(Lots).read({ lot: "clock" }));
      return price === most || `the lot stands at ${price}, and a bid of ${most} was accepted`;
    },
  });
}
