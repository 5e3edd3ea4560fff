import type { Subscription } from "./subscription.ts";

/**
 * Ends a bill that was never paid, without a word to anybody; once what was asked for is withdrawn, nothing of it is to be done any more. One that was paid
 * is left as it is.
 */
export function abandon(subscription: Subscription, now: number): Subscription {
  const { standing, paid, open, effects } = subscription;
  if (paid !== undefined) return subscription;
  if (standing === "starting")
    return {
      ...subscription,
      ...{ standing: "ended", stoppedAt: now },
      ...(open && { open: { ...open, instead: [], next: now } }),
    };
  return standing === "ended" && open === undefined && effects.length === 0
    ? { ...subscription, standing: "removed" }
    : subscription;
}
