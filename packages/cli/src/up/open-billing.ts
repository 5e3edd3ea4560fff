import { join } from "node:path";
import type { Clock, Component, Log, Random } from "@orrery/core";
import type { DoorPage } from "@orrery/http";
import {
  alertingMailer,
  alertingPayments,
  type Bills,
  createStripeWebhook,
  DEVELOPER_PLAN,
  MANUAL_PAYMENTS,
  type Mailer,
  openBills,
  openMailFolder,
  openSignups,
  openSmtp,
  openStripePayments,
  type Payments,
  parsePlanFile,
  type Quotas,
  type SignupMode,
  STRIPE_WEBHOOK_PATH,
  type StripePayments,
  type Teller,
} from "@orrery/platform";
import type { Database, Registry, SecretBox } from "@orrery/registry";
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
  /** Who may sign up. Default: whom an operator invited. */
  readonly signup?: SignupMode;
}

/** What a platform has already. */
export interface BillingParts {
  readonly folder: string;
  readonly registry: Registry;
  readonly database: Database;
  /** Closes what may not be read. */
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Alerts when letters are not taken, and when the provider of payments gives no answer. */
  readonly teller: Teller;
  /** Remembers what limits of plans refused. */
  readonly refusals: Quotas["refusals"];
}

/** Bills, and how strangers come in. */
export interface OpenedBilling extends AsyncDisposable {
  readonly components: readonly Component[];
  /** What each process of a Space's apps may use, by its plan. */
  readonly limits: Bills["limits"];
  /** Where a provider of payments tells what became of them, at the HTTP port. */
  readonly pages: Readonly<Record<string, DoorPage>>;
}

/** Opens the bills of a platform, and its door to strangers, as it was told. */
export async function openBilling(wish: BillingWish, { folder, ...parts }: BillingParts): Promise<OpenedBilling> {
  const { planFile, stripeKeys, mail, mailFrom: from, signup: mode = "invited" } = wish;
  const { clock, random } = parts;
  const plans = planFile === undefined ? [DEVELOPER_PLAN] : parsePlanFile(planFile.content, { file: planFile.name });
  const stripe = stripeKeys === undefined ? undefined : await openStripe(stripeKeys, clock);
  const payments: Payments = stripe ?? MANUAL_PAYMENTS;
  const paying = alertingPayments(payments, parts.teller);
  const sending: Mailer =
    mail === undefined
      ? openMailFolder({ folder: join(folder, "mail"), from, clock, random })
      : await openSmtp({ url: mail, from });
  const mailer = alertingMailer(sending, parts.teller);
  const bills = await openBills({ ...parts, plans, payments: paying, mailer });
  const signups = await openSignups({ ...parts, plans, payments: paying, mailer, bills, mode });
  return {
    pages:
      stripe === undefined
        ? {}
        : { [STRIPE_WEBHOOK_PATH]: createStripeWebhook({ payments: stripe, billing: bills.billing }) },
    limits: bills.limits,
    components: [bills.component, ...signups.components],
    [Symbol.asyncDispose]: async () => {
      await signups[Symbol.asyncDispose]();
      await bills[Symbol.asyncDispose]();
    },
  };
}

async function openStripe(path: string, clock: Clock): Promise<StripePayments> {
  const { STRIPE_API_KEY: apiKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = readKeyLines({
    ...{ path, flag: "--stripe-keys" },
    needed: ["STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET"],
  });
  return openStripePayments({ apiKey, webhookSecret, clock });
}
