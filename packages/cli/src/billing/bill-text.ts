import { printMoney } from "@orrery/platform";
import type { InvoiceMessage, PlanMessage, SubscriptionMessage } from "@orrery/platform/services";
import { table } from "../table.ts";

/** How a space stands, for people. */
export function billText(one: SubscriptionMessage): string {
  const { space, standing, plan, nextPlan, endsWithMonth, open, chargedNext, seats, services, removalAt } = one;
  const month = `${day(one.monthFrom)} to ${day(one.monthUntil)}`;
  const rows = [
    ["space", space],
    ["standing", `${standing}${endsWithMonth ? `, ends ${day(one.monthUntil)}` : ""}`],
    [
      "plan",
      `${plan?.name}, ${money(plan?.price, plan?.currency)} a month${nextPlan === "" ? "" : `; then ${nextPlan}`}`,
    ],
    ["month", month],
    ["in it", `${seats} seats, ${services} services`],
    ...(open === undefined
      ? []
      : [["open", `${open.id}, ${money(open.amount, open.currency)}${nextCharge(chargedNext)}`]]),
    ...(removalAt === 0n ? [] : [["removal", `all content goes on ${day(removalAt)}: pay, or export it`]]),
  ];
  return `${table(rows).join("\n")}\n`;
}

function nextCharge(at: bigint): string {
  return at === 0n ? ", to be paid" : `, charged again ${day(at)}`;
}

/** Plans as a table. */
export function plansText(plans: readonly PlanMessage[]): string {
  const rows = plans.map(({ name, title, price, currency, extras }) => {
    const each = extras.map((extra) => `${extra.included} ${extra.name}, then ${money(extra.price, currency)} each`);
    return [name, title, money(price, currency), ...each];
  });
  return `${table([["PLAN", "TITLE", "A MONTH", "SEATS", "SERVICES"], ...rows]).join("\n")}\n`;
}

/** Invoices, each with its lines. */
export function invoicesText(invoices: readonly InvoiceMessage[]): string {
  const rows = invoices.flatMap(({ id, at, state, amount, currency, refunded, lines }) => [
    [id, day(at), state, money(amount, currency), refunded === 0n ? "" : `${money(refunded, currency)} given back`],
    ...lines.map((line) => ["", "", "", money(line.amount, currency), line.text]),
  ]);
  return `${table([["INVOICE", "OF", "STATE", "AMOUNT", "FOR"], ...rows]).join("\n")}\n`;
}

/** An amount as people read it. */
export function money(amount = 0n, currency = "usd"): string {
  return printMoney({ amount: Number(amount), currency });
}

/** The day of a moment, in UTC. */
export function day(at: bigint): string {
  return new Date(Number(at)).toISOString().slice(0, 10);
}
