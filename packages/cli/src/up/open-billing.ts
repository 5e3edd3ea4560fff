import { join } from "node:path";
import type { Clock, Log, Random } from "@orrery/core";
import {
  type Bills,
  DEVELOPER_PLAN,
  MANUAL_PAYMENTS,
  type Mailer,
  openBills,
  openMailFolder,
  openSmtp,
  openStripePayments,
  type Payments,
  parsePlanFile,
} from "@orrery/platform";
import type { Database, Registry } from "@orrery/registry";
import { readKeyLines } from "./read-key-lines.ts";

/** What `orrery up` was told about money and mail. */
export interface BillingWish {
  /** Of plans, whole. Default: one plan, 35 USD a month. */
  readonly planFile?: { readonly name: string; readonly content: string };
  /** A file of Stripe's keys. Default: payment by hand. */
  readonly stripeKeys?: string;
  /** A mail server, `smtp://HOST:PORT`. Default: letters stay in the folder. */
  readonly mail?: string;
  /** From whom letters are. */
  readonly mailFrom: string;
}

/** What a platform has already. */
export interface BillingParts {
  readonly folder: string;
  readonly registry: Registry;
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Opens the bills of a platform, as it was told. */
export async function openBilling(wish: BillingWish, { folder, random, ...parts }: BillingParts): Promise<Bills> {
  const { planFile, stripeKeys, mail, mailFrom: from } = wish;
  const { clock } = parts;
  const plans = planFile === undefined ? [DEVELOPER_PLAN] : parsePlanFile(planFile.content, { file: planFile.name });
  const payments: Payments = stripeKeys === undefined ? MANUAL_PAYMENTS : await openStripe(stripeKeys, clock);
  const mailer: Mailer =
    mail === undefined
      ? openMailFolder({ folder: join(folder, "mail"), from, clock, random })
      : await openSmtp({ url: mail, from });
  return openBills({ ...parts, plans, payments, mailer });
}

async function openStripe(path: string, clock: Clock): Promise<Payments> {
  const { STRIPE_API_KEY: apiKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = readKeyLines({
    ...{ path, flag: "--stripe-keys" },
    needed: ["STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET"],
  });
  return openStripePayments({ apiKey, webhookSecret, clock });
}
