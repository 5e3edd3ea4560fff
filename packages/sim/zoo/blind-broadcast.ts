import { defineComponent, defineService, json } from "@orrery/core";
import { house, plantBug } from "./plant.ts";

interface Price {
  readonly version: number;
  readonly cents: number;
}

const Boards = defineService("boards", {
  show: { request: json<Price>(), mode: "broadcast" },
});

const board = (isFixed: boolean, onShow: (price: Price) => void) =>
  defineComponent(Boards, () => {
    let shown: Price = { version: 0, cents: 0 };
    return {
      async show(price) {
        if (isFixed && price.version < shown.version) return;
        shown = price;
        onShow(shown);
      },
    };
  });

/** Prices that are broadcast to boards, over a network in which messages overtake one another. */
export const blindBroadcast = plantBug({
  name: "broadcast applied blindly",
  wrong: "an old price overtakes a new one on the way, and stays on the board",
  scenario: (isFixed) => ({
    world: house,
    faults: ["reorder", "duplicate"],
    setup(world) {
      const it = { latest: 0, shown: new Map<string, number>() };
      for (const name of ["hall", "street"])
        world.node(name, { components: [board(isFixed, ({ cents }) => it.shown.set(name, cents))] });
      world.node("exchange", {
        async run(node) {
          for (const [index, { afterMs, cents }] of world
            .operations("price", 8, (draw) => ({ afterMs: draw.integer(50), cents: 1 + draw.integer(1000) }))
            .entries()) {
            await node.clock.sleep(afterMs);
            node.life.publish(Boards).show({ version: index + 1, cents });
            it.latest = cents;
          }
        },
      });
      return it;
    },
    eventually: {
      "every board shows the latest price": ({ latest, shown }) =>
        [...shown.values()].every((cents) => cents === latest) || `the price is ${latest}, a board shows another`,
    },
  }),
});
