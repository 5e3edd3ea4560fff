import { defineComponent, defineService, json } from "@orrery/core";

/** A counter that says what its clock shows. */
export const Counter = defineService("counter", {
  add: { request: json<{ by: number }>(), reply: json<{ total: number; atMs: number }>() },
  wait: { request: json<{ ms: number }>(), reply: json<{ total: number }>() },
});

/** Reads, passes the point `read`, and writes: two at a time lose an update where the store lets them in together. */
export const Till = defineService("till", {
  pay: { request: json<{ amount: number }>(), reply: json<{ total: number }>() },
});

/** One instance, one number. */
export const counter = defineComponent(Counter, () => {
  let total = 0;
  return {
    async add({ by }, { clock }) {
      total += by;
      return { total, atMs: clock.now() };
    },
    async wait({ ms }, { clock }) {
      await clock.sleep(ms);
      return { total };
    },
  };
});

/** A cell that is read and written by messages of their own. */
export const Cell = defineService("cell", {
  get: { request: json<Record<string, never>>(), reply: json<{ value: number }>() },
  set: { request: json<{ value: number }>(), reply: json<Record<string, never>>() },
});

export const cell = defineComponent(Cell, () => {
  let value = 0;
  return {
    get: async () => ({ value }),
    set: async (request) => {
      ({ value } = request);
      return {};
    },
  };
});

/** Adds by a get and a set: the planted race. */
export const till = defineComponent(
  Till,
  () => ({
    async pay({ amount }, context) {
      const { value } = await context.client(Cell).get({});
      await context.point("read", { value });
      await context.client(Cell).set({ value: value + amount });
      return { total: value + amount };
    },
  }),
  { instances: 2 },
);
