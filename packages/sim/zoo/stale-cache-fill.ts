import { defineComponent, defineService, json } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const Prices = defineService("prices", {
  read: { request: nothing, reply: json<{ price: number }>() },
  write: { request: json<{ price: number }>(), reply: nothing },
});

const Cache = defineService("cache", {
  /** Price 0 means that there is none; then the ticket is what a fill must show. */
  get: { request: nothing, reply: json<{ price: number; ticket: number }>() },
  fill: { request: json<{ price: number; ticket?: number }>(), reply: nothing },
  drop: { request: nothing, reply: nothing },
});

const Shop = defineService("shop", {
  price: { request: nothing, reply: json<{ price: number }>() },
  setPrice: { request: json<{ price: number }>(), reply: nothing },
});

const prices = defineComponent(Prices, () => {
  let price = 1;
  return {
    read: async () => ({ price }),
    async write(request) {
      ({ price } = request);
      return {};
    },
  };
});

const cache = defineComponent(Cache, () => {
  let price = 0;
  let ticket = 0;
  return {
    get: async () => ({ price, ticket }),
    async fill(request) {
      if ((request.ticket ?? ticket) === ticket) ({ price } = request);
      return {};
    },
    async drop() {
      price = 0;
      ticket++;
      return {};
    },
  };
});

const shop = (isFixed: boolean) =>
  defineComponent(Shop, () => ({
    async price(_request, context) {
      const known = await context.client(Cache).get({});
      if (known.price !== 0) return { price: known.price };
      const { price } = await context.client(Prices).read({});
      await context.client(Cache).fill({ price, ...(isFixed && { ticket: known.ticket }) });
      return { price };
    },
    async setPrice(request, context) {
      await context.client(Prices).write(request);
      await context.client(Cache).drop({});
      return {};
    },
  }));

/** A cache beside a database: readers fill it, writers empty it. */
export const staleCacheFill = plantBug({
  name: "stale cache fill",
  wrong: "a reader fills the cache with what it read before a write, and the old price stays for ever",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      world.node("database", { components: [prices] });
      world.node("cache", { components: [cache] });
      for (const name of ["shop-1", "shop-2"]) world.node(name, { components: [shop(isFixed)] });
      const owner = world.node("owner", {
        async run(node) {
          for (const [index, afterMs] of world.operations("set", 3, (draw) => draw.integer(500)).entries()) {
            await node.clock.sleep(afterMs);
            await node.life.client(Shop).setPrice({ price: index + 2 });
          }
        },
      });
      world.node("visitor", {
        async run(node) {
          for (const afterMs of world.operations("look", 6, (draw) => draw.integer(300))) {
            await node.clock.sleep(afterMs);
            await node.life.client(Shop).price({});
          }
        },
      });
      return owner;
    },
    async check(owner, world) {
      const shown = await world.settle(owner.life.client(Shop).price({}));
      const { price } = await world.settle(owner.life.client(Prices).read({}));
      return shown.price === price || `the price is ${price}, ${shown.price} is shown`;
    },
  }),
});
