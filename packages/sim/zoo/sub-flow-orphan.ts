import { defineComponent, defineService, describeOpenFlow, json, OrreryError, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const Stock = defineService("stock", {
  reserve: { request: json<{ item: number }>(), reply: nothing, timeoutMs: 300 },
});

const Orders = defineService("orders", {
  place: { request: json<{ item: number }>(), reply: nothing, timeoutMs: 1000 },
});

const stock = defineComponent(Stock, () => ({ reserve: async () => ({}) }));

const orders = (isFixed: boolean) =>
  defineComponent(Orders, () => ({
    async place({ item }, context) {
      const reserving = context.beginFlow("reserve", { onParentEnd: "detach" });
      const outcome = await outcomeOf(reserving.client(Stock).reserve({ item }));
      if (outcome.kind !== "reply") {
        if (isFixed) await reserving.end("failed");
        throw new OrreryError("unavailable", `Cannot place an order of item ${item}: ${outcome.error.message}`);
      }
      await reserving.end();
      return {};
    },
  }));

/** Orders that begin a sub-flow each, which outlives them. */
export const subFlowOrphan = plantBug({
  name: "sub-flow orphan",
  wrong: "an order fails, and the sub-flow that it had begun is never ended",
  scenario: (isFixed) => ({
    world: house,
    faults: ["clog", "loss", "partition", "pause"],
    setup(world) {
      const office = world.node("office", { components: [orders(isFixed)] });
      world.node("store", { components: [stock] });
      world.node("client", {
        async run(node) {
          for (const [item, afterMs] of world.operations("order", 6, (draw) => draw.integer(300)).entries()) {
            await node.clock.sleep(afterMs);
            await outcomeOf(node.life.client(Orders).place({ item }));
          }
        },
      });
      return office;
    },
    eventually: {
      "no flow is left open": (office) => {
        const [open] = office.life.openFlows();
        return open === undefined || describeOpenFlow(open);
      },
    },
  }),
});
