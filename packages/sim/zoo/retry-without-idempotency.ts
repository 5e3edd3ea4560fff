import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { house, plantBug } from "./plant.ts";

const TRIES = 5;

const Payments = defineService("payments", {
  charge: {
    request: json<{ order: string; cents: number; key: string }>(),
    reply: json<{ receipt: number }>(),
    timeoutMs: 200,
  },
});

/** Charges a card; a key that it has seen gets the receipt of the first time. */
const payments = (onCharge: (order: string) => void) =>
  defineComponent(Payments, () => {
    const receipts = new Map<string, number>();
    return {
      async charge({ order, key }) {
        const known = receipts.get(key);
        if (known !== undefined) return { receipt: known };
        const receipt = receipts.size + 1;
        receipts.set(key, receipt);
        onCharge(order);
        return { receipt };
      },
    };
  });

/** A checkout that tries again when it hears nothing. */
export const retryWithoutIdempotency = plantBug({
  name: "retry without idempotency",
  wrong: "the answer to a charge is lost, the shop tries again, and the card is charged twice",
  scenario: (isFixed) => ({
    world: house,
    faults: ["loss", "clog", "partition", "slow"],
    setup(world) {
      const charges = new Map<string, number>();
      const onCharge = (order: string) => charges.set(order, (charges.get(order) ?? 0) + 1);
      world.node("bank", { components: [payments(onCharge)] });
      world.node("shop", {
        async run(node) {
          for (const { order, cents } of world.operations("order", 8, (draw, index) => ({
            order: `order-${index}`,
            cents: 1 + draw.integer(5000),
          }))) {
            for (let attempt = 0; attempt < TRIES; attempt++) {
              const key = isFixed ? order : `${order}/${attempt}`;
              const { kind } = await outcomeOf(node.life.client(Payments).charge({ order, cents, key }));
              if (kind === "reply") break;
              await node.clock.sleep(100 * 2 ** attempt);
            }
          }
        },
      });
      return charges;
    },
    always: {
      "no order is charged twice": (charges) =>
        [...charges].every(([, times]) => times === 1) || "an order was charged twice",
    },
  }),
});
