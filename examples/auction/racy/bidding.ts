import { defineComponent } from "@orrery/core";
import { Bidding, Lots } from "../contracts.ts";
import { outbids } from "../outbids.ts";

export default defineComponent(
  Bidding,
  () => ({
    async bid({ lot, bidder, price }, context) {
      const lots = context.client(Lots);
      const current = await lots.read({ lot });
      if (!outbids(price, current)) return { isAccepted: false, price: current.price };
      await context.point("before-write");
      await lots.write({ lot, price, leader: bidder });
      return { isAccepted: true, price };
    },
  }),
  { instances: 2 },
);
