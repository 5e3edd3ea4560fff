import { paymentsAt } from "./payments.ts";

export const one = paymentsAt(1);
export const other = paymentsAt(2);
