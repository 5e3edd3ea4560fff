import type { Component } from "@orrery/core";
import type { DoorPage } from "@orrery/http";
import {
  type OpenAdminOptions,
  type OpenedAdmin,
  openAdmin,
  openAlerts,
  openQuotas,
  type Quotas,
} from "@orrery/platform";
import { type BillingParts, type BillingWish, type OpenedBilling, openBilling } from "./open-billing.ts";

/** Where nothing is said of billing. */
const BILLING: BillingWish = { mailFrom: "orrery@localhost" };

/** What a platform is run by: bills and signups, alerts, and what administrators do. */
export interface OpenedDesk extends AsyncDisposable, Pick<OpenedAdmin, "audited"> {
  readonly components: readonly Component[];
  /** What holds Spaces and their processes to their plans. */
  readonly held: Pick<OpenedBilling, "limits"> & { readonly quotas: Quotas };
  /** At the HTTP port. */
  readonly pages: Readonly<Record<string, DoorPage>>;
}

/** Opens it: alerts first, for the others tell them what fails. */
export async function openDesk(
  wish: BillingWish | undefined,
  parts: Omit<BillingParts, "teller" | "refusals"> & Pick<OpenAdminOptions, "accessKeys">,
): Promise<OpenedDesk> {
  await using open = new AsyncDisposableStack();
  const alerting = open.use(await openAlerts(parts));
  const quotas = open.use(await openQuotas(parts));
  const told = { teller: alerting.teller, refusals: quotas.refusals };
  const bills = open.use(await openBilling(wish ?? BILLING, { ...parts, ...told }));
  const admin = await openAdmin({ ...parts, alerting });
  const kept = open.move();
  return {
    components: [...bills.components, admin.component],
    held: { limits: bills.limits, quotas },
    audited: (component) => admin.audited(quotas.noted(component)),
    pages: { ...bills.pages, ...alerting.pages },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
