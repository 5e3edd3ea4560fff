import { appendFileSync } from "node:fs";
import { defineComponent, defineService, json } from "@orrery/core";

/** Takes orders that are kept. */
export const Orders = defineService("test.orders", {
  place: { request: json<{ order: string; file: string }>(), mode: "async", keep: true },
});

/** Writes each order into a file, as a line with its attempt. */
export const orders = defineComponent(Orders, () => ({
  async place({ order, file }, { clock, attempt }) {
    await clock.sleep(1);
    appendFileSync(file, `${order} ${attempt}\n`);
  },
}));
