import { end } from "./end.ts";
import type { Subscription } from "./subscription.ts";

/** When a subscription shall end. */
export type CancelAt = "now" | "month";

/** Ends it with the month that is paid, or now. One whose month is not paid ends now. */
export function cancel(subscription: Subscription, when: CancelAt, now: number): Subscription {
  const { standing } = subscription;
  if (standing === "ended" || standing === "removed") return subscription;
  return when === "month" && standing === "active" ? { ...subscription, isCancelled: true } : end(subscription, now);
}

/** Takes back the wish that it ends with the month. */
export function goOn(subscription: Subscription): Subscription {
  return { ...subscription, isCancelled: false };
}

/** Has an open invoice charged now, such as after another way to pay was named. */
export function payNow(subscription: Subscription, now: number): Subscription {
  const { open } = subscription;
  return open === undefined || open.instead !== undefined
    ? subscription
    : { ...subscription, open: { ...open, next: now } };
}
