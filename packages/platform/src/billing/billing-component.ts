import { type Component, defineComponent } from "@orrery/core";
import { BillingService } from "../gen/orrery/billing/v1/billing_pb.ts";
import { REFUSALS_PAGE_MAX } from "../quotas/limits.ts";
import type { Refusal } from "../quotas/refusals.ts";
import type { BillingDesk } from "./billing-desk.ts";
import { amountOf, type Invoice } from "./invoice.ts";
import { BILLS_PAGE_MAX } from "./limits.ts";
import { EXTRAS, PLAN_LIMITS, type Plan } from "./plan.ts";
import type { Subscription } from "./subscription.ts";

/** Makes the component by which a network asks about bills: `orrery.billing.v1.BillingService`. Whoever calls is whoever the message's agent says. */
export function createBillingComponent(desk: BillingDesk): Component {
  return defineComponent(BillingService, () => ({
    listPlans: async () => ({ plans: desk.plans().map(planMessage) }),
    getSubscription: async ({ space }, { agent }) => subscriptionMessage(await desk.get(space, { agent })),
    subscribe: async (order, { agent }) => subscriptionMessage(await desk.subscribe(order, { agent })),
    choosePlan: async ({ space, plan }, { agent }) => subscriptionMessage(await desk.choose(space, plan, { agent })),
    cancel: async ({ space, now }, { agent }) =>
      subscriptionMessage(await desk.cancel(space, now ? "now" : "month", { agent })),
    continue: async ({ space }, { agent }) => subscriptionMessage(await desk.goOn(space, { agent })),
    pay: async ({ space }, { agent }) => subscriptionMessage(await desk.pay(space, { agent })),
    paymentPage: async ({ space, returnTo }, { agent }) => desk.methodPage(space, returnTo, { agent }),
    preview: async ({ space }, { agent }) => {
      const { currency, lines } = await desk.preview(space, { agent });
      return { currency, lines: lines.map(lineMessage), amount: BigInt(amountOf(lines)) };
    },
    listInvoices: async ({ space, below, limit }, { agent }) => {
      const page = { space, ...(below === 0 ? {} : { below }), ...(limit === 0 ? {} : { limit }) };
      return { invoices: (await desk.invoices(page, { agent })).map(invoiceMessage) };
    },
    listSubscriptions: async ({ after, limit }, { agent }) => {
      const most = Math.min(limit === 0 ? BILLS_PAGE_MAX : limit, BILLS_PAGE_MAX);
      const found = await desk.list({ after, limit: most }, { agent });
      const next = found.length < most ? "" : (found.at(-1)?.space ?? "");
      return { subscriptions: found.map(subscriptionMessage), next };
    },
    listRefusals: async ({ space, all, limit: said }, { agent }) => {
      const limit = said === 0 ? REFUSALS_PAGE_MAX : said;
      const found = await (all ? desk.allRefusals({ limit }, { agent }) : desk.refusals({ space, limit }, { agent }));
      return { refusals: found.map(refusalMessage) };
    },
    markPaid: async ({ invoice }, { agent }) => subscriptionMessage(await desk.markPaid(invoice, { agent })),
  }));
}

function refusalMessage({ since, last, times, ...one }: Refusal) {
  return { ...one, since: BigInt(since), last: BigInt(last), times: BigInt(times) };
}

/** In the words of a file of plans. */
function limitMessages({ limits = PLAN_LIMITS, quotas = {} }: Plan) {
  const all = {
    ...{ memory: limits.memoryBytes, processors: limits.processors },
    ...{ threads: limits.threadsMax, scratch: limits.scratchBytes },
    ...{ instances: quotas.instances, storage: quotas.storageBytes, requests: quotas.requestsPerSecond },
  };
  return Object.entries(all).flatMap(([name, most]) => (most === undefined ? [] : [{ name, most }]));
}

function planMessage(plan: Plan) {
  const { name, title, currency, price, extras, graceMs, keepMs } = plan;
  return {
    limits: limitMessages(plan),
    ...{ name, title, currency, price: BigInt(price), graceMs: BigInt(graceMs), keepMs: BigInt(keepMs) },
    extras: EXTRAS.map((extra) => {
      const { included, price: each } = extras[extra];
      return { name: extra, included, price: BigInt(each) };
    }),
  };
}

function subscriptionMessage(one: Subscription) {
  const { space, standing, plan, nextPlan, month, isCancelled, open, counts, removalAt = 0 } = one;
  return {
    ...{ space, standing, plan: planMessage(plan), nextPlan: nextPlan?.name ?? "", endsWithMonth: isCancelled },
    ...{ monthFrom: BigInt(month.from), monthUntil: BigInt(month.until), removalAt: BigInt(removalAt) },
    ...{ seats: counts.seats.now, services: counts.services.now, chargedNext: BigInt(open?.next ?? 0) },
    ...(open !== undefined && { open: invoiceMessage(open.invoice) }),
  };
}

function invoiceMessage({ id, number, at, currency, lines, amount, state, refunded }: Invoice) {
  return {
    ...{ id, number, at: BigInt(at), currency, lines: lines.map(lineMessage) },
    ...{ amount: BigInt(amount), state, refunded: BigInt(refunded) },
  };
}

function lineMessage({ text, amount }: Invoice["lines"][number]) {
  return { text, amount: BigInt(amount) };
}
