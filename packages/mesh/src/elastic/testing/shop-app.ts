// What threads and processes of the tests serve: it ends where nobody asked for it when it is to work for less than no time.
import { defineComponent } from "@orrery/core";
import { Shop } from "./shop.ts";

export const component = defineComponent(Shop, ({ id: instance, node }) => ({
  async work({ ms }, { clock }) {
    if (ms < 0) process.exit(3);
    await clock.sleep(ms);
    return { node, instance };
  },
}));
