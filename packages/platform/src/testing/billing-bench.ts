import { createLog } from "@orrery/core";
import type { Billing } from "../billing/billing.ts";
import { createBilling } from "../billing/create-billing.ts";
import type { Invoice } from "../billing/invoice.ts";
import type { ChargeOutcome } from "../billing/payments.ts";
import { DEVELOPER_PLAN } from "../billing/plan.ts";
import { createMemorySubscriptions } from "./memory-subscriptions.ts";

/** Bills of the space `a.test` under a clock of the test's, with a provider that answers what the test says. */
export interface BillingBench {
  readonly billing: Billing;
  /** What was done to the space and told to its owner, and when. */
  readonly acts: readonly (readonly [at: number, act: string])[];
  readonly refunds: readonly (readonly [invoice: string, amount: number, key: string])[];
  /** What of it was about serving. */
  served(): readonly string[];
  /** From now on the provider answers so; `nothing`: not at all. */
  answer(outcome: ChargeOutcome | "nothing"): void;
  /** Goes on to a moment, and does all that is due on the way. */
  goTo(at: number): Promise<void>;
  /** The newest first. */
  invoices(): Promise<readonly Invoice[]>;
}

/** Makes it, with a bill whose first invoice is paid. */
export async function createBillingBench({ at }: { readonly at: number }): Promise<BillingBench> {
  let now = at;
  let outcome: ChargeOutcome | "nothing" = { kind: "paid" };
  const acts: [number, string][] = [];
  const refunds: [string, number, string][] = [];
  const act = async (name: string) => void acts.push([now, name]);
  const subscriptions = createMemorySubscriptions();
  const clock = { now: () => now, monotonic: () => now, timer: () => ({ cancel: () => {} }), sleep: async () => {} };
  const billing = createBilling({
    ...{ subscriptions, clock, log: createLog({ sink: () => {}, now: () => now, fields: {} }) },
    payments: {
      name: "bench",
      charge: async () => {
        if (outcome === "nothing") throw new Error("no answer");
        return outcome;
      },
      withdraw: async () => {
        if (outcome === "nothing") throw new Error("no answer");
        return outcome.kind === "paid" ? "paid" : "withdrawn";
      },
      refund: async ({ invoice, amount, key }) => void refunds.push([invoice, amount, key]),
    },
    hands: {
      serve: () => act("serve"),
      stop: () => act("stop"),
      plan: (_, plan) => act(`plan ${plan?.name}`),
      remove: () => act("remove"),
      tell: ({ notice }) => act(`tell ${notice}`),
    },
  });
  await billing.subscribe({ space: "a.test", account: "ann", email: "ann@a.test", plan: DEVELOPER_PLAN });
  return {
    billing,
    acts,
    refunds,
    served: () => acts.map(([, name]) => name).filter((name) => !name.startsWith("tell")),
    answer: (next) => {
      outcome = next;
    },
    goTo: async (end) => {
      for (;;) {
        const due = (await subscriptions.nextDue()) ?? Number.POSITIVE_INFINITY;
        now = Math.max(now, Math.min(due, end));
        await billing.settle();
        if (due > end) return;
      }
    },
    invoices: () => subscriptions.invoices({ space: "a.test", limit: 100 }),
  };
}
