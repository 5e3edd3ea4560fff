import { OrreryError } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import { assertAddress } from "../mail/write-mail.ts";
import type { Refusal, Refusals } from "../quotas/refusals.ts";
import type { Spaces } from "../spaces/spaces.ts";
import type { Billing } from "./billing.ts";
import type { CancelAt } from "./cancel.ts";
import type { ExtraCounting } from "./count-extras.ts";
import type { Invoice, InvoiceLine } from "./invoice.ts";
import { BILLS_PAGE_MAX } from "./limits.ts";
import type { Payments } from "./payments.ts";
import type { Plan } from "./plan.ts";
import { planOf } from "./plan-of.ts";
import { previewLines, type Subscription } from "./subscription.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Who asks. */
export interface Asking {
  readonly agent: string;
}

/** Bills as those see them who have one: each operation asks first whether they may. Spaces are as `Spaces.enter` has them. */
export interface BillingDesk {
  /** The first is what a Space gets that names none. */
  plans(): readonly Plan[];
  /** @throws OrreryError `permission_denied`; `not_found` where there is no bill */
  get(space: string, by: Asking): Promise<Subscription>;
  /** @throws OrreryError `not_found` for a plan that there is not, `invalid_argument` for a mail address that is none */
  subscribe(
    order: { readonly space: string; readonly plan: string; readonly email: string },
    by: Asking,
  ): Promise<Subscription>;
  choose(space: string, plan: string, by: Asking): Promise<Subscription>;
  cancel(space: string, when: CancelAt, by: Asking): Promise<Subscription>;
  goOn(space: string, by: Asking): Promise<Subscription>;
  pay(space: string, by: Asking): Promise<Subscription>;
  /** Where a way to pay is named, if one is needed; and whether there is one. */
  methodPage(
    space: string,
    returnTo: string,
    by: Asking,
  ): Promise<{ readonly url?: string; readonly hasMethod: boolean }>;
  preview(space: string, by: Asking): Promise<{ readonly currency: string; readonly lines: readonly InvoiceLine[] }>;
  /** The newest first; those of whoever had the name before are not among them. */
  invoices(
    page: { readonly space: string; readonly below?: number; readonly limit?: number },
    by: Asking,
  ): Promise<readonly Invoice[]>;
  /** What the limits of its plan refused of late, the last first. */
  refusals(page: { readonly space: string; readonly limit: number }, by: Asking): Promise<readonly Refusal[]>;
  /** The same of all Spaces, for operators. */
  allRefusals(page: { readonly limit: number }, by: Asking): Promise<readonly Refusal[]>;
  /** For operators. */
  list(page: { readonly after: string; readonly limit: number }, by: Asking): Promise<readonly Subscription[]>;
  /** For operators. @throws OrreryError `not_found` where no such invoice is open */
  markPaid(invoice: string, by: Asking): Promise<Subscription>;
}

/** Options of `createBillingDesk`. */
export interface BillingDeskOptions {
  readonly billing: Billing;
  readonly subscriptions: Subscriptions;
  readonly counting: Pick<ExtraCounting, "count">;
  readonly payments: Payments;
  readonly plans: readonly Plan[];
  readonly spaces: Spaces;
  readonly registry: Pick<Registry, "whoami">;
  /** Remembers what limits refused. */
  readonly refused: Pick<Refusals, "list">;
  readonly now: () => number;
}

/** Makes it. */
export function createBillingDesk(options: BillingDeskOptions): BillingDesk {
  const { billing, subscriptions, counting, payments, plans, spaces, registry, refused, now } = options;
  const enter = async (space: string, verb: "read" | "write", { agent }: Asking) =>
    (await spaces.enter({ space, service: "billing", verb }, { agent })).space;
  const assertOperator = async (doing: string, { agent }: Asking) => {
    if ((await registry.whoami({ agent })).isOperator) return;
    throw new OrreryError("permission_denied", `Cannot ${doing} as "${agent || "anonymous"}": only operators may`);
  };
  const written = async (space: string, by: Asking, change: (space: string) => Promise<Subscription>) =>
    change(await enter(space, "write", by));
  return {
    plans: () => plans,
    get: async (space, by) => billing.get(await enter(space, "read", by)),
    subscribe: ({ space, plan, email }, by) =>
      written(space, by, async (one) => {
        const chosen = planOf(plan, plans);
        assertAddress(email);
        const account = await payments.open({ space: one, email });
        await billing.subscribe({ space: one, plan: chosen, email, account });
        await counting.count(one);
        return billing.get(one);
      }),
    choose: (space, plan, by) => written(space, by, (one) => billing.choose(one, planOf(plan, plans))),
    cancel: (space, when, by) => written(space, by, (one) => billing.cancel(one, when)),
    goOn: (space, by) => written(space, by, (one) => billing.goOn(one)),
    pay: (space, by) => written(space, by, (one) => billing.pay(one)),
    methodPage: async (space, returnTo, by) => {
      const { space: name, account } = await billing.get(await enter(space, "write", by));
      const payer = { space: name, account };
      const url = await payments.methodPage(payer, { returnTo });
      return { ...(url !== undefined && { url }), hasMethod: await payments.hasMethod(payer) };
    },
    preview: async (space, by) => {
      const one = await billing.get(await enter(space, "read", by));
      return { currency: one.plan.currency, lines: previewLines(one, now()) };
    },
    invoices: async ({ space, below, limit = BILLS_PAGE_MAX }, by) => {
      const one = await billing.get(await enter(space, "read", by));
      const page = { space: one.space, limit: Math.min(limit, BILLS_PAGE_MAX) };
      const found = await subscriptions.invoices(below === undefined ? page : { ...page, below });
      return found.filter(({ number }) => number > one.earlier);
    },
    refusals: async ({ space, limit }, by) => refused.list({ space: await enter(space, "read", by), limit }),
    allRefusals: async ({ limit }, by) => {
      await assertOperator("list what was refused in all spaces", by);
      return refused.list({ limit });
    },
    list: async ({ after, limit }, by) => {
      await assertOperator("list all bills", by);
      return subscriptions.list({ after, limit: Math.min(limit, BILLS_PAGE_MAX) });
    },
    markPaid: async (invoice, by) => {
      await assertOperator(`say that "${invoice}" is paid`, by);
      const space = invoice.slice(0, Math.max(0, invoice.lastIndexOf("/")));
      const before = await subscriptions.get(space);
      if (before?.open?.invoice.id !== invoice)
        throw new OrreryError(
          "not_found",
          `Cannot say that "${invoice}" is paid: no such invoice is open, see orrery billing ls`,
        );
      await billing.hear({ invoice, outcome: { kind: "paid" } });
      return billing.get(space);
    },
  };
}
