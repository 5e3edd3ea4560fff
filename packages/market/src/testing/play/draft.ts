import type { Call } from "../../lease/accounts-model.ts";
import type { LeaseModel } from "../../lease/lease-model.ts";
import type { Account } from "../../lease/terms.ts";

/** A call that is to be made, of the contract and of the model. */
export interface Draft {
  readonly from: Account;
  /** Of the function. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Makes it of the model. */
  readonly told: (call: Call) => void;
  /** What the publisher agrees to by it. */
  readonly voucher?: { readonly lease: LeaseModel; readonly total: bigint };
}

/** Calls of a lease that take nothing but its terms. */
export type PlainAct = "cancel" | "collect" | "challenge" | "fail" | "close" | "drain" | "settle";

/** Amounts that calls are made with. */
export const AMOUNTS = [0n, 1n, 100n, 5_000n, 100_000n];

/** What each account has at first. */
export const WEALTH = 10_000_000n;

/** Seconds of a day. */
export const DAY = 86_400;
