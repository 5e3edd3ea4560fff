import type { InvoiceMessage, PlanMessage, RefusalMessage, SubscriptionMessage } from "@orrery/platform/services";
import { printMoney } from "@orrery/platform/services";
import { formatBytes } from "../operate/format.ts";
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
    ...limitRows(plan),
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

/** What a plan bounds, for people. */
function limitRows(plan: PlanMessage | undefined): readonly (readonly string[])[] {
  const limits = plan?.limits ?? [];
  const ofProcess = limits.filter(({ name }) => !isOfSpace(name)).map(limitText);
  const ofSpace = limits.filter(({ name }) => isOfSpace(name)).map(limitText);
  return [
    ...(ofSpace.length === 0 ? [] : [["in all", ofSpace.join(", ")]]),
    ...(ofProcess.length === 0 ? [] : [["each process", ofProcess.join(", ")]]),
  ];
}

function isOfSpace(name: string): boolean {
  return name === "instances" || name === "storage" || name === "requests";
}

function limitText({ name, most }: PlanMessage["limits"][number]): string {
  switch (name) {
    case "memory":
    case "scratch":
    case "storage":
      return `${name} ${formatBytes(most)}`;
    case "requests":
      return `${most} requests a second`;
    default:
      return `${most} ${name}`;
  }
}

/** What limits of plans refused, the last first. */
export function refusalsText(refusals: readonly RefusalMessage[]): string {
  const rows = refusals.map(({ last, times, space, plan, limit, text }) => [
    ...[`${minute(last)}`, `${times}`, space, plan, limit, text],
  ]);
  return `${table([["LAST", "TIMES", "SPACE", "PLAN", "LIMIT", "TOLD"], ...rows]).join("\n")}\n`;
}

/** Plans as a table, and below it what each bounds. */
export function plansText(plans: readonly PlanMessage[]): string {
  const rows = plans.map(({ name, title, price, currency, extras }) => {
    const each = extras.map((extra) => `${extra.included} ${extra.name}, then ${money(extra.price, currency)} each`);
    return [name, title, money(price, currency), ...each];
  });
  const limits = plans.flatMap((plan) => limitRows(plan).map(([what = "", text = ""]) => [plan.name, what, text]));
  const bounds = `${table([["PLAN", "BOUNDS", ""], ...limits]).join("\n")}\n`;
  return `${table([["PLAN", "TITLE", "A MONTH", "SEATS", "SERVICES"], ...rows]).join("\n")}\n\n${bounds}`;
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

/** A moment to the minute, in UTC. */
function minute(at: bigint): string {
  return new Date(Number(at)).toISOString().slice(0, 16).replace("T", " ");
}

/** The day of a moment, in UTC. */
export function day(at: bigint): string {
  return new Date(Number(at)).toISOString().slice(0, 10);
}
