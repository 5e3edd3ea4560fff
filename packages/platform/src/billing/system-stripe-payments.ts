import { type Clock, OrreryError } from "@orrery/core";
import type Stripe from "stripe";
import type { Invoice } from "./invoice.ts";
import { STRIPE_LIST_MAX, STRIPE_TIMEOUT_MS, STRIPE_TOLERANCE_S } from "./limits.ts";
import type { ChargeOutcome, Payer, PaymentEvent, Payments, Refund } from "./payments.ts";

/** Options of payments by Stripe. */
export interface StripeOptions {
  /** The secret key of the account. */
  readonly apiKey: string;
  /** What its webhooks are signed with. */
  readonly webhookSecret: string;
  readonly clock: Pick<Clock, "now">;
  /** Another server that speaks its API. Default: Stripe's. */
  readonly server?: URL;
}

/** Payments by Stripe, and what it tells by webhooks. */
export interface StripePayments extends Payments {
  /**
   * Reads a webhook: the bytes as they came, and the header `stripe-signature`. Gives nothing where it is about something else.
   * @throws OrreryError `unauthenticated` where Stripe did not sign it, or too long ago
   */
  readEvent(body: string, signature: string): PaymentEvent | undefined;
}

/**
 * Opens it; what it needs is loaded here. Each invoice has one PaymentIntent, made before anything is charged and found again by its metadata: Stripe
 * lets one succeed once, and keeps idempotency keys for a day only (https://docs.stripe.com/api/idempotent_requests).
 */
export async function openStripePayments(options: StripeOptions): Promise<StripePayments> {
  const { default: Client } = await import("stripe");
  const { apiKey, webhookSecret, clock, server } = options;
  const stripe = new Client(apiKey, {
    ...{ timeout: STRIPE_TIMEOUT_MS, maxNetworkRetries: 0, telemetry: false },
    ...(server !== undefined && {
      ...{ host: server.hostname, port: Number(server.port), protocol: server.protocol === "http:" ? "http" : "https" },
    }),
  });
  return {
    name: "stripe",
    open: ({ space, email }) => openCustomer(stripe, space, email),
    hasMethod: async ({ account }) => (await newestMethod(stripe, account)) !== undefined,
    methodPage: async ({ account }, { returnTo }) => {
      const wish = { mode: "setup", customer: account, currency: "usd", success_url: returnTo } as const;
      return (await stripe.checkout.sessions.create(wish)).url ?? undefined;
    },
    charge: (invoice, payer) => charge(stripe, invoice, payer),
    withdraw: (invoice, payer) => withdraw(stripe, invoice, payer),
    refund: (refund, payer) => giveBack(stripe, refund, payer),
    readEvent: (body, signature) => {
      const event = verified(() =>
        stripe.webhooks.constructEvent(body, signature, webhookSecret, STRIPE_TOLERANCE_S, undefined, clock.now()),
      );
      return eventOf(event);
    },
  };
}

async function openCustomer(stripe: Stripe, space: string, email: string): Promise<string> {
  const wish = { email, description: space, metadata: { space } };
  const { id } = await stripe.customers.create(wish, { idempotencyKey: `customer/${space}/${email}` });
  return id;
}

async function newestMethod(stripe: Stripe, customer: string): Promise<string | undefined> {
  return (await stripe.customers.listPaymentMethods(customer, { limit: 1 })).data[0]?.id;
}

/** The one PaymentIntent of an invoice, made where there is none. */
async function intentOf(stripe: Stripe, invoice: Invoice, { account }: Payer): Promise<Stripe.PaymentIntent> {
  const found = await findIntent(stripe, invoice.id, account);
  if (found !== undefined) return found;
  const { id, amount, currency } = invoice;
  const wish = {
    ...{ amount, currency, customer: account, description: `Invoice ${id}`, metadata: { invoice: id } },
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  } as const;
  return stripe.paymentIntents.create(wish, { idempotencyKey: `invoice/${id}` });
}

async function findIntent(
  stripe: Stripe,
  invoice: string,
  customer: string,
): Promise<Stripe.PaymentIntent | undefined> {
  for await (const intent of stripe.paymentIntents.list({ customer, limit: STRIPE_LIST_MAX }))
    if (intent.metadata["invoice"] === invoice) return intent;
  return undefined;
}

async function charge(stripe: Stripe, invoice: Invoice, payer: Payer): Promise<ChargeOutcome> {
  const intent = await intentOf(stripe, invoice, payer);
  if (intent.status !== "requires_payment_method" && intent.status !== "requires_confirmation")
    return outcomeOf(intent);
  const method = await newestMethod(stripe, payer.account);
  if (method === undefined) return { kind: "declined", reason: "no way to pay is named" };
  try {
    return outcomeOf(await stripe.paymentIntents.confirm(intent.id, { payment_method: method, off_session: true }));
  } catch (error) {
    if (!isCardError(error)) throw error;
    return { kind: "declined", reason: error.message };
  }
}

async function withdraw(stripe: Stripe, invoice: Invoice, payer: Payer): Promise<"withdrawn" | "paid"> {
  const intent = await intentOf(stripe, invoice, payer);
  if (intent.status === "succeeded") return "paid";
  if (intent.status !== "canceled") await stripe.paymentIntents.cancel(intent.id);
  return "withdrawn";
}

async function giveBack(stripe: Stripe, { invoice, amount, key }: Refund, { account }: Payer): Promise<void> {
  const intent = await findIntent(stripe, invoice, account);
  if (intent === undefined)
    throw new OrreryError(
      "not_found",
      `Cannot give back ${amount} of invoice "${invoice}": Stripe knows no payment of it`,
    );
  for await (const refund of stripe.refunds.list({ payment_intent: intent.id, limit: STRIPE_LIST_MAX }))
    if (refund.metadata?.["key"] === key) return;
  const wish = { payment_intent: intent.id, amount, metadata: { key } };
  await stripe.refunds.create(wish, { idempotencyKey: `refund/${key}` });
}

function outcomeOf({ status, last_payment_error: error }: Stripe.PaymentIntent): ChargeOutcome {
  if (status === "succeeded") return { kind: "paid" };
  if (status === "processing" || status === "requires_action" || status === "requires_capture")
    return { kind: "waiting" };
  return {
    kind: "declined",
    reason: error?.message ?? (status === "canceled" ? "it was withdrawn" : "nobody said why"),
  };
}

function eventOf(event: Stripe.Event): PaymentEvent | undefined {
  if (event.type !== "payment_intent.succeeded" && event.type !== "payment_intent.payment_failed") return undefined;
  const intent = event.data.object;
  const invoice = intent.metadata["invoice"];
  return invoice === undefined ? undefined : { invoice, outcome: outcomeOf(intent) };
}

/** Whether a bank said no; everything else leaves open what became of it. */
function isCardError(error: unknown): error is Error {
  return error instanceof Error && "type" in error && error.type === "StripeCardError";
}

function verified<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new OrreryError(
      "unauthenticated",
      `Cannot take a webhook of Stripe: ${error instanceof Error ? error.message.split("\n")[0] : "it is not signed"}`,
      { cause: error },
    );
  }
}
