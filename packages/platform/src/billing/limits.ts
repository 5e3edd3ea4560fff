import { DAY_MS } from "./plan.ts";

/** How long after an invoice a declined charge is tried again: after the first time, the second, and so on. */
export const CHARGE_RETRY_MS: readonly number[] = [DAY_MS, 3 * DAY_MS, 5 * DAY_MS];

/** How long before its content is removed its owner is told. */
export const REMOVAL_NOTICE_MS = 7 * DAY_MS;

/** First and longest wait before what failed without an answer is asked again. */
export const BILLING_RETRY_MS = { first: 60_000, most: 6 * 3_600_000 } as const;

/** The most extras of one kind that are counted. */
export const EXTRA_COUNT_MAX = 1_000_000;

/** So many spaces are looked up at once that have something due. */
export const BILLING_BATCH = 100;

/** Bills look at least so often whether something is due, in ms: others may have written. */
export const BILLING_SLEEP_MAX_MS = 60_000;

/** The most steps that the bill of one space takes at one moment. */
export const BILLING_STEPS_MAX = 1_000;

/** How often a bill is looked at again that somebody else makes at the same time. */
export const SUBSCRIPTION_TRIES = 5;

/** How long Stripe may take to answer, in ms. */
export const STRIPE_TIMEOUT_MS = 30_000;

/** How many things Stripe lists on a page. */
export const STRIPE_LIST_MAX = 100;

/** How old a webhook of Stripe may be, in seconds; as its documents say. */
export const STRIPE_TOLERANCE_S = 300;

/** The longest file of plans, in bytes. */
export const PLAN_FILE_BYTES_MAX = 262_144;

/** The most plans. */
export const PLANS_MAX = 100;

/** Invoices and bills on a page. */
export const BILLS_PAGE_MAX = 100;

/** How long to wait before users and apps are counted again, where that failed, in ms. */
export const COUNT_AGAIN_MS = 1_000;
