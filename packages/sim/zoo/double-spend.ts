import { defineComponent, defineService, json } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const ON_CARD = 100;

const Cards = defineService("cards", {
  balance: { request: nothing, reply: json<{ cents: number }>() },
  debit: { request: json<{ cents: number; isChecked: boolean }>(), reply: json<{ isDone: boolean }>() },
});

const Till = defineService("till", {
  pay: { request: json<{ cents: number }>(), reply: json<{ isPaid: boolean }>() },
});

const cards = defineComponent(Cards, () => {
  let cents = ON_CARD;
  return {
    balance: async () => ({ cents }),
    async debit(request) {
      if (request.isChecked && cents < request.cents) return { isDone: false };
      cents -= request.cents;
      return { isDone: true };
    },
  };
});

const till = (isFixed: boolean) =>
  defineComponent(Till, () => ({
    async pay({ cents }, context) {
      const balance = await context.client(Cards).balance({});
      if (balance.cents < cents) return { isPaid: false };
      const { isDone } = await context.client(Cards).debit({ cents, isChecked: isFixed });
      return { isPaid: isDone };
    },
  }));

/** One gift card, and two tills that look at its balance before they take from it. */
export const doubleSpend = plantBug({
  name: "double spend",
  wrong: "two tills see the same balance of a gift card, and both sell for it",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      world.node("bank", { components: [cards] });
      for (const name of ["till-1", "till-2"]) world.node(name, { components: [till(isFixed)] });
      const it = { spent: 0 };
      for (const name of ["ann", "bob"])
        world.node(name, {
          async run(node) {
            for (const { afterMs, cents } of world.operations(name, 3, (draw) => ({
              afterMs: draw.integer(1000),
              cents: 10 + draw.integer(60),
            }))) {
              await node.clock.sleep(afterMs);
              const { isPaid } = await node.life.client(Till).pay({ cents });
              if (isPaid) it.spent += cents;
            }
          },
        });
      return it;
    },
    always: {
      "nobody spends more than the card is worth": ({ spent }) => spent <= ON_CARD || `${spent} of ${ON_CARD} spent`,
    },
  }),
});
