import { countFrom, countOn } from "./extra-count.ts";
import { amountOf, type Invoice } from "./invoice.ts";
import { CHARGE_RETRY_MS } from "./limits.ts";
import type { ChargeOutcome } from "./payments.ts";
import { retryAt } from "./retry-at.ts";
import {
  monthLater,
  monthsFrom,
  type OpenInvoice,
  type Subscription,
  withEffects,
  withInvoice,
  withPlan,
} from "./subscription.ts";

/** Something that was learned of an invoice. `unknown`: the provider gave no answer. */
export type Learned = ChargeOutcome | { readonly kind: "unknown" } | { readonly kind: "withdrawn" };

/** Writes down what became of an invoice. Of one that is settled already, nothing more is learned: events may come late, and twice. */
export function settle(subscription: Subscription, id: string, learned: Learned, now: number): Subscription {
  const { open } = subscription;
  if (open?.invoice.id !== id) return subscription;
  const isUnwanted = open.instead !== undefined && subscription.standing === "ended";
  if (learned.kind === "paid") return isUnwanted ? giveBack(subscription, open) : paid(subscription, open, now);
  if (learned.kind === "withdrawn") return withdrawn(subscription, open, now);
  if (learned.kind === "unknown")
    return open.next === null && open.unknown === 0 ? subscription : asked(subscription, open, now);
  if (open.instead !== undefined) return subscription;
  if (learned.kind === "waiting") return { ...subscription, open: { ...open, unknown: 0, next: null } };
  return declined(subscription, open, learned.reason, now);
}

function paid(subscription: Subscription, open: OpenInvoice, now: number): Subscription {
  const { open: _, stoppedAt, removalAt: __, ...rest } = subscription;
  const invoice: Invoice = { ...open.invoice, state: "paid" };
  const filed: Subscription = { ...rest, news: [...rest.news, invoice] };
  if (filed.standing === "ended") return { ...filed, ...(stoppedAt !== undefined && { stoppedAt }) };
  const active: Subscription = { ...filed, standing: "active", paid: invoice };
  if (filed.standing === "starting")
    return withEffects(
      withPlan({ ...active, ...monthsFrom(now), counts: countFrom(active.counts, now) }),
      { kind: "serve" }, // Not before it says what its plan lets it have.
    );
  if (filed.standing !== "suspended") return active;
  const text = `Invoice ${invoice.id} is paid: all is served again, and the month is longer by as long as it was not`;
  return withEffects(
    { ...active, ...monthLater(active, now - (stoppedAt ?? now)), counts: countOn(active.counts, now) },
    { kind: "serve" },
    { kind: "tell", notice: "resumed", text },
  );
}

/** The money came after all, when nobody wanted it any more: what is for the month goes back. */
function giveBack(subscription: Subscription, { invoice }: OpenInvoice): Subscription {
  const { open: _, ...rest } = subscription;
  const { id, lines } = invoice;
  const refunded = Math.min(invoice.amount, lines[0]?.amount ?? 0);
  const filed = { ...rest, news: [...rest.news, { ...invoice, state: "paid" as const, refunded }] };
  return withEffects(filed, { kind: "refund", invoice: id, amount: refunded, key: `${id}/withdrawn` });
}

function withdrawn(subscription: Subscription, { invoice, instead }: OpenInvoice, now: number): Subscription {
  if (instead === undefined) return subscription;
  const { open: _, ...rest } = subscription;
  const filed: Subscription = { ...rest, news: [...rest.news, { ...invoice, state: "void" }] };
  return amountOf(instead) > 0 ? withInvoice(filed, instead, now) : filed;
}

/** The same is asked again, ever more seldom: it may be paid, and may not. */
function asked(subscription: Subscription, open: OpenInvoice, now: number): Subscription {
  const unknown = open.unknown + 1;
  return { ...subscription, open: { ...open, unknown, next: retryAt(now, unknown) } };
}

function declined(subscription: Subscription, open: OpenInvoice, reason: string, now: number): Subscription {
  const times = open.declined + 1;
  const after = CHARGE_RETRY_MS[times - 1];
  const mayRetry = subscription.standing === "grace" || subscription.standing === "ended";
  const next = after === undefined || !mayRetry ? null : Math.max(now, open.invoice.at + after);
  const text = `Invoice ${open.invoice.id} could not be charged: ${reason}`;
  return withEffects(
    { ...subscription, open: { ...open, declined: times, unknown: 0, next } },
    { kind: "tell", notice: "declined", text },
  );
}
