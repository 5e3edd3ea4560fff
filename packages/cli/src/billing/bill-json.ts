import type { InvoiceMessage, PlanMessage, RefusalMessage, SubscriptionMessage } from "@orrery/platform/services";

/** How a space stands, as it is written as JSON: amounts in the smallest unit of the currency, moments as text. */
export function billJson(one: SubscriptionMessage) {
  const { space, standing, plan, nextPlan, endsWithMonth, open, chargedNext, seats, services, removalAt } = one;
  return {
    ...{ space, standing, plan: plan && planJson(plan), ...(nextPlan !== "" && { nextPlan }), endsWithMonth },
    month: { from: moment(one.monthFrom), until: moment(one.monthUntil) },
    ...{ seats, services, ...(open && { open: invoiceJson(open) }) },
    ...(chargedNext !== 0n && { chargedNext: moment(chargedNext) }),
    ...(removalAt !== 0n && { removalAt: moment(removalAt) }),
  };
}

/** A plan as it is written as JSON. */
export function planJson({ name, title, currency, price, extras, limits }: PlanMessage) {
  const each = extras.map((extra) => [extra.name, { included: extra.included, price: Number(extra.price) }] as const);
  const bounds = Object.fromEntries(limits.map((limit) => [limit.name, limit.most]));
  return { name, title, currency, price: Number(price), ...Object.fromEntries(each), limits: bounds };
}

/** What a limit refused, as it is written as JSON. */
export function refusalJson({ space, plan, limit, text, since, last, times }: RefusalMessage) {
  return { space, plan, limit, text, since: moment(since), last: moment(last), times: Number(times) };
}

/** An invoice as it is written as JSON. */
export function invoiceJson({ id, at, currency, amount, state, refunded, lines }: InvoiceMessage) {
  return {
    ...{ id, at: moment(at), currency, amount: Number(amount), state, refunded: Number(refunded) },
    lines: lines.map((line) => ({ text: line.text, amount: Number(line.amount) })),
  };
}

function moment(at: bigint): string {
  return new Date(Number(at)).toISOString();
}
