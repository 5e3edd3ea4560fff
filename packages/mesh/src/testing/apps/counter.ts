import { defineComponent, defineService, json } from "@orrery/core";

/** Counts for each instance of its own. */
export const Counter = defineService("test.counter", {
  add: { request: json<{ by: number }>(), reply: json<{ total: number; pid: number }>() },
  crash: { mode: "async", request: json<object>() },
});

/** Crashes its process when asked to. */
export const counter = defineComponent(Counter, () => {
  let total = 0;
  return {
    add: ({ by }) => {
      total += by;
      return { total, pid: process.pid };
    },
    crash: () => {
      process.exit(7);
    },
  };
});
