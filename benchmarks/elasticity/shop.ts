// What is overloaded: a component whose calls take as long as they say.
import { defineComponent, defineService, json } from "@orrery/core";

/** The service. */
export const Shop = defineService("shop", {
  work: { request: json<{ ms: number }>(), reply: json<{ instance: string }>() },
});

/** The component. */
export const shop = defineComponent(Shop, ({ id }) => ({
  async work({ ms }, { clock }) {
    await clock.sleep(ms);
    return { instance: id };
  },
}));
