import { defineService, json } from "@orrery/core";

/** What goes through the shop; each component adds the process that it was in. */
export interface Order {
  readonly item: string;
  readonly pids: readonly number[];
}

const methods = { pass: { request: json<Order>(), reply: json<Order>() } };

/** Asks the clerk. */
export const Door = defineService("shop.door", methods);
/** Asks the till. */
export const Clerk = defineService("shop.clerk", methods);
/** Asks the store. */
export const Till = defineService("shop.till", methods);
/** Has the answer. */
export const Store = defineService("shop.store", methods);
