import { defineComponent, defineService, json } from "@orrery/core";

/** Keeps what is in store. */
export const Stock = defineService("stock", {
  take: { request: json<{ item: string }>(), reply: json<{ left: number }>() },
});

/** Sells, by way of the stock. */
export const Shop = defineService("shop", {
  buy: { request: json<{ item: string }>(), reply: json<{ left: number; atMs: number }>() },
});

export const stock = defineComponent(Stock, () => {
  const left = new Map<string, number>();
  return {
    take: async ({ item }) => {
      const now = (left.get(item) ?? 100) - 1;
      left.set(item, now);
      return { left: now };
    },
  };
});

export const shop = defineComponent(
  Shop,
  () => ({
    async buy({ item }, context) {
      const { left } = await context.client(Stock).take({ item });
      await context.clock.sleep(2);
      return { left, atMs: context.clock.now() };
    },
  }),
  { instances: 4 },
);
