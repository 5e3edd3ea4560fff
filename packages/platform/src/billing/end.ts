import { countFrom, countUntil, shareOf } from "./extra-count.ts";
import { amountOf, extraLines, type InvoiceLine } from "./invoice.ts";
import { isServed, type Subscription, withEffects, withInvoice } from "./subscription.ts";

/**
 * Ends a subscription: nothing is served any more, and the content is kept for a while. What was beyond the plan is asked for, less what is paid of
 * the month and not used; where that is more, it is given back. Of an open invoice, the month is nobody's to pay any more.
 */
export function end(subscription: Subscription, now: number): Subscription {
  const { plan, counts, standing, open, month } = subscription;
  const until = Math.min(now, month.until);
  const counted = isServed(standing) ? countUntil(counts, plan, until) : counts;
  const ended: Subscription = {
    ...subscription,
    ...{ standing: "ended", stoppedAt: now, counts: countFrom(counted, until), isCancelled: false },
  };
  const stopped = withEffects(
    open === undefined ? ended : { ...ended, open: { ...open, instead: open.invoice.lines.slice(1), next: now } },
    { kind: "stop" },
    {
      kind: "tell",
      notice: "ended",
      text: `${subscription.space} is not served any more, as was wished; its content is kept for now`,
    },
  );
  if (standing !== "active") return stopped;
  return evenOut(stopped, extraLines(plan, counted, month), shareLeft(subscription, now), now);
}

/** Asks for what is owed less what goes back, or gives back what is more than owed. */
function evenOut(ended: Subscription, owed: readonly InvoiceLine[], left: number, now: number): Subscription {
  const { paid, news } = ended;
  const sum = amountOf(owed) - left;
  if (sum > 0)
    return withInvoice(ended, left === 0 ? owed : [...owed, { text: "Not used of the month", amount: -left }], now);
  if (sum === 0 || paid === undefined) return ended;
  const [refunded, key] = [-sum, `${paid.id}/unused`];
  const known = { ...paid, refunded };
  const refund = { kind: "refund", invoice: paid.id, amount: refunded, key } as const;
  return withEffects({ ...ended, paid: known, news: [...news, known] }, refund);
}

/** What is paid of the month and not used, rounded to the nearest unit. */
function shareLeft(subscription: Subscription, now: number): number {
  const { from, until } = subscription.month;
  const left = Math.min(until - from, Math.max(0, until - now));
  return shareOf(subscription.paid?.lines[0]?.amount ?? 0, left, until - from);
}
