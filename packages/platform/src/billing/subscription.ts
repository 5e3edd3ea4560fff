import type { SpacePlan } from "@orrery/registry";
import { countUntil, type ExtraCounts, mapExtras } from "./extra-count.ts";
import { amountOf, extraLines, type Invoice, type InvoiceLine, planLine, type Span } from "./invoice.ts";
import { monthsAfter } from "./month.ts";
import { type Plan, spacePlan } from "./plan.ts";

/**
 * How a space stands with its bill. `starting`: not served before its first invoice is paid. `active`: paid. `grace`: served, with an invoice open.
 * `suspended`: kept but not served, for want of money. `ended`: kept but not served, by its owner's wish. `removed`: gone.
 */
export type Standing = "starting" | "active" | "grace" | "suspended" | "ended" | "removed";

/** What somebody who pays is told. */
export type Notice = "declined" | "suspended" | "resumed" | "removal" | "ended" | "removed";

/** What shall be done outside, once at least and in order: `serve` and `stop` may come again where they were done already. */
export type Effect =
  | { readonly kind: "serve" | "stop" | "remove" }
  /** Says at the Space what its plan lets it have: nothing where it bounds nothing. */
  | { readonly kind: "plan"; readonly plan?: SpacePlan }
  | { readonly kind: "tell"; readonly notice: Notice; readonly text: string }
  | { readonly kind: "refund"; readonly invoice: string; readonly amount: number; readonly key: string };

/** An invoice that nobody knows to be paid. */
export interface OpenInvoice {
  readonly invoice: Invoice;
  /** How often it was declined. */
  readonly declined: number;
  /** How often in a row nobody knew what became of a charge. Above 0, it may be paid. */
  readonly unknown: number;
  /** When it is charged, in ms since 1970; `null`: not before its owner wishes, or has done what he has to. */
  readonly next: number | null;
  /** Nobody shall pay it any more; it is open until the provider says that nobody did. What is asked for instead then. */
  readonly instead?: readonly InvoiceLine[];
}

/** The bill of a space, whole. Moments are in ms since 1970. */
export interface Subscription {
  readonly space: string;
  /** Who pays, as the provider of payments names him. */
  readonly account: string;
  /** Where he who pays is told. */
  readonly email: string;
  readonly plan: Plan;
  /** The plan from the next month on. */
  readonly nextPlan?: Plan;
  readonly standing: Standing;
  /** The month that runs; every suspension moves it on by as long as it was. */
  readonly month: Span;
  /** From when months are counted, and how many were since: what began on the 31st ends on the last day of shorter months. */
  readonly anchor: { readonly at: number; readonly months: number };
  readonly counts: ExtraCounts;
  /** How many invoices were made for this name, and how many of them before this bill. */
  readonly invoices: number;
  readonly earlier: number;
  readonly open?: OpenInvoice;
  /** The newest paid invoice for a month. */
  readonly paid?: Invoice;
  /** Whether it ends with the month. */
  readonly isCancelled: boolean;
  /** Its Space goes by its owner's wish: once nothing is open, it stands `removed`. */
  readonly isClosed?: boolean;
  /** Since when it is not served. */
  readonly stoppedAt?: number;
  /** Its owner was told of the removal, which comes no earlier than this. */
  readonly removalAt?: number;
  /** What is still to be done, in order. */
  readonly effects: readonly Effect[];
  /** When the first of them is done, and how often it failed. */
  readonly effectsNext: number;
  readonly effectsFailed: number;
  /** Invoices that became something else, not filed yet. */
  readonly news: readonly Invoice[];
}

/** Who orders what, from when on. */
export interface Order {
  readonly space: string;
  readonly account: string;
  readonly email: string;
  readonly plan: Plan;
  readonly at: number;
  /** How many invoices were made for Spaces of that name that are gone. Default: none. */
  readonly earlier?: number;
}

/** Makes the bill of a new space: its first invoice is open, and it is not served yet. */
export function subscribe({ space, account, email, plan, at, earlier = 0 }: Order): Subscription {
  const fresh: Subscription = {
    ...{ space, account, email, plan, standing: "starting", ...monthsFrom(at), isCancelled: false },
    ...{ invoices: earlier, earlier },
    counts: mapExtras(() => ({ now: 0, at, beyondMs: 0 })),
    ...{ effects: [], effectsNext: 0, effectsFailed: 0, news: [] },
  };
  return withInvoice(fresh, [planLine(plan, fresh.month)], at);
}

/** The first month from a moment on. */
export function monthsFrom(at: number): Pick<Subscription, "month" | "anchor"> {
  return { month: { from: at, until: monthsAfter(at, 1) }, anchor: { at, months: 1 } };
}

/** The month after. */
export function monthAfter({
  month,
  anchor,
}: Pick<Subscription, "month" | "anchor">): Pick<Subscription, "month" | "anchor"> {
  return {
    month: { from: month.until, until: monthsAfter(anchor.at, anchor.months + 1) },
    anchor: { at: anchor.at, months: anchor.months + 1 },
  };
}

/** The same month, later; those after it are counted from its end. */
export function monthLater(
  { month }: Pick<Subscription, "month">,
  byMs: number,
): Pick<Subscription, "month" | "anchor"> {
  const later = { from: month.from + byMs, until: month.until + byMs };
  return { month: later, anchor: { at: later.until, months: 0 } };
}

/** Whether a space that stands so is served. */
export function isServed(standing: Standing): boolean {
  return standing === "active" || standing === "grace";
}

/** Makes the next invoice, open and to be charged at once. */
export function withInvoice(subscription: Subscription, lines: readonly InvoiceLine[], at: number): Subscription {
  const { space, plan, invoices } = subscription;
  const number = invoices + 1;
  const invoice: Invoice = {
    ...{ id: `${space}/${number}`, space, number, at, currency: plan.currency, lines, amount: amountOf(lines) },
    ...{ state: "open", refunded: 0 },
  };
  const open = { invoice, declined: 0, unknown: 0, next: at };
  return { ...subscription, invoices: number, open, news: [...subscription.news, invoice] };
}

/** Has the Space say what a plan lets it have, where that is another than before. */
export function withPlan(subscription: Subscription, before?: Plan): Subscription {
  const [now, was] = [spacePlan(subscription.plan), before && spacePlan(before)];
  if (JSON.stringify(now) === JSON.stringify(was)) return subscription;
  return withEffects(subscription, { kind: "plan", ...(now && { plan: now }) });
}

/** Adds what shall be done. */
export function withEffects(subscription: Subscription, ...effects: readonly Effect[]): Subscription {
  return { ...subscription, effects: [...subscription.effects, ...effects] };
}

/** Counts extras: from a moment on there are so many. A moment behind what is counted already counts as that. */
export function withExtra(
  subscription: Subscription,
  { extra, now, at }: { readonly extra: keyof ExtraCounts; readonly now: number; readonly at: number },
): Subscription {
  const { plan, standing } = subscription;
  const counts = isServed(standing) ? countUntil(subscription.counts, plan, at) : subscription.counts;
  return { ...subscription, counts: { ...counts, [extra]: { ...counts[extra], now } } };
}

/** What the month that runs would come to if it ended now, beside what is paid for it; in the form of an invoice's lines. */
export function previewLines(subscription: Subscription, at: number): readonly InvoiceLine[] {
  const { plan, standing, counts, month } = subscription;
  const counted = isServed(standing) ? countUntil(counts, plan, Math.min(at, month.until)) : counts;
  return extraLines(plan, counted, month);
}
