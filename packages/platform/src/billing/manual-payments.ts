import type { Payments } from "./payments.ts";

/** Payments that people make by themselves, such as by bank: an operator says of each invoice when it is paid. */
export const MANUAL_PAYMENTS: Payments = {
  name: "manual",
  open: async ({ space }) => space,
  hasMethod: async () => true,
  methodPage: async () => undefined,
  charge: async () => ({ kind: "waiting" }),
  withdraw: async () => "withdrawn",
  refund: async () => {},
};
