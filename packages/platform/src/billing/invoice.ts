import { type ExtraCounts, shareOf } from "./extra-count.ts";
import { EXTRAS, type Plan } from "./plan.ts";

/** What an invoice asks money for. */
export interface InvoiceLine {
  readonly text: string;
  /** In the smallest unit of the currency. */
  readonly amount: number;
}

/** What is owed for a space; made once, and never changed but for what became of it. */
export interface Invoice {
  /** `SPACE/NUMBER`: by it, a provider of payments knows one that it has charged already. */
  readonly id: string;
  readonly space: string;
  /** From 1, without gaps. */
  readonly number: number;
  /** When it was made, in ms since 1970. */
  readonly at: number;
  readonly currency: string;
  readonly lines: readonly InvoiceLine[];
  readonly amount: number;
  /** `void`: nobody is asked for it any more. */
  readonly state: "open" | "paid" | "void";
  /** What was given back of it. */
  readonly refunded: number;
}

/** A stretch of time, in ms since 1970. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** The line for a month that begins. */
export function planLine(plan: Plan, month: Span): InvoiceLine {
  return { text: `${plan.title}, ${daysOf(month)}`, amount: plan.price };
}

/** The lines for what was beyond the plan in a month, up to where it is counted. */
export function extraLines(plan: Plan, counts: ExtraCounts, month: Span): readonly InvoiceLine[] {
  return EXTRAS.flatMap((extra) => {
    const { beyondMs } = counts[extra];
    const amount = shareOf(plan.extras[extra].price, beyondMs, month.until - month.from);
    if (amount === 0) return [];
    const mean = Math.round((beyondMs / (month.until - month.from)) * 100) / 100;
    return [{ text: `${mean} more ${extra} than ${plan.extras[extra].included}, ${daysOf(month)}`, amount }];
  });
}

/** What lines come to. */
export function amountOf(lines: readonly InvoiceLine[]): number {
  return lines.reduce((sum, { amount }) => sum + amount, 0);
}

function daysOf({ from, until }: Span): string {
  return `${dayOf(from)} to ${dayOf(until)}`;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
