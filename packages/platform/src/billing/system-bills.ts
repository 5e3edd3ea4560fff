import type { Clock, Component, Log } from "@orrery/core";
import type { CageLimits } from "@orrery/mesh/supervise";
import type { Database, Registry } from "@orrery/registry";
import type { Mailer } from "../mail/mailer.ts";
import type { Refusals } from "../quotas/refusals.ts";
import { createSpaceSweep } from "../spaces/space-sweep.ts";
import { createSpaces } from "../spaces/spaces.ts";
import type { Billing } from "./billing.ts";
import { createBillingComponent } from "./billing-component.ts";
import { createBillingDesk } from "./billing-desk.ts";
import { createBillingHands } from "./billing-hands.ts";
import { closeGone } from "./close-gone.ts";
import { countExtras } from "./count-extras.ts";
import { createBilling } from "./create-billing.ts";
import type { Payments } from "./payments.ts";
import { limitsOfPlan, type Plan } from "./plan.ts";
import { openSubscriptions } from "./sql-subscriptions.ts";

/** Options of `openBills`. */
export interface BillsOptions {
  /** Has the Spaces. */
  readonly registry: Registry;
  /** The registry's. */
  readonly database: Database;
  /** The first is what a Space gets that names none. */
  readonly plans: readonly Plan[];
  /** Takes the money. */
  readonly payments: Payments;
  /** Sends what those are told who pay. */
  readonly mailer: Mailer;
  /** Remembers what limits of plans refused. */
  readonly refusals: Pick<Refusals, "list">;
  /** Says when something is due. */
  readonly clock: Clock;
  /** Is told what failed, and is tried again. */
  readonly log: Log;
  /** As whom Spaces are stopped and served, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** The bills of all Spaces of a registry. */
export interface Bills extends AsyncDisposable {
  readonly component: Component;
  /** The bills themselves, for who makes and takes away Spaces. */
  readonly billing: Billing;
  /** What each process of a Space's apps may use, by its plan; undefined where nobody subscribed to one. */
  limits(space: string): Promise<CageLimits | undefined>;
}

/** Opens them, in its database: what is due is done from now on. A Space to which nobody subscribed has none, and is served. */
export async function openBills(options: BillsOptions): Promise<Bills> {
  const { registry, database, plans, payments, mailer, clock, log, agent = "operator" } = options;
  const refused = options.refusals;
  const subscriptions = await openSubscriptions(database);
  const hands = createBillingHands({ registry, mailer, agent });
  const billing = createBilling({ subscriptions, payments, hands, clock, log });
  const spaces = createSpaces({ registry, agent });
  const ended = new AbortController();
  const running = billing.run(ended.signal);
  const remains = { purge: () => closeGone(database, billing) };
  const sweep = createSpaceSweep({ registry, holders: [], remains, clock, log, agent });
  const counting = countExtras({ registry, billing, subscriptions, clock, log, agent });
  const now = () => clock.now();
  const desk = createBillingDesk({ billing, subscriptions, counting, payments, plans, spaces, registry, refused, now });
  return {
    component: createBillingComponent(desk),
    billing: {
      ...billing,
      subscribe: async (order) => {
        await billing.subscribe(order);
        await counting.count(order.space);
        return billing.get(order.space);
      },
    },
    limits: async (space) => {
      const subscription = await subscriptions.get(space);
      return subscription && limitsOfPlan(subscription.plan);
    },
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await Promise.all([running, counting[Symbol.asyncDispose](), sweep[Symbol.asyncDispose]()]);
    },
  };
}
