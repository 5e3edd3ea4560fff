import { defineComponent, defineService, json } from "@orrery/core";
import { Counter } from "./counter.ts";

/** Asks the counter. */
export const Asker = defineService("test.asker", {
  ask: { request: json<object>(), reply: json<{ total: number; pid: number; first: number }>() },
});

/** Calls another component already when it starts. */
export const asker = defineComponent(Asker, (instance) => {
  let first = 0;
  instance.onStart(async () => {
    first = (await instance.client(Counter).add({ by: 100 })).total;
  });
  return {
    ask: async (_request, context) => {
      const { total } = await context.client(Counter).add({ by: 1 });
      return { total, first, pid: process.pid };
    },
  };
});
