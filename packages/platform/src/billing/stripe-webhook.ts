import type { DoorPage } from "@orrery/http";
import type { Billing } from "./billing.ts";
import type { StripePayments } from "./system-stripe-payments.ts";

/** Where Stripe sends its webhooks, at the HTTP port. */
export const STRIPE_WEBHOOK_PATH = "/webhooks/stripe";

/**
 * Takes webhooks of Stripe: what it signed and says of a payment is heard before it is answered, so that Stripe sends again what was lost. The same
 * again changes nothing; what it did not sign, or too long ago, is answered 401, and what is about something else 200.
 */
export function createStripeWebhook({
  payments,
  billing,
}: {
  readonly payments: Pick<StripePayments, "readEvent">;
  readonly billing: Pick<Billing, "hear">;
}): DoorPage {
  return async ({ method, headers, readBody }) => {
    if (method !== "POST") return { status: 405, body: { code: "unimplemented", message: "Cannot take it: use POST" } };
    const body = new TextDecoder().decode(await readBody());
    const event = payments.readEvent(body, headers.get("stripe-signature") ?? "");
    if (event !== undefined) await billing.hear(event);
    return { status: 200, body: { received: true } };
  };
}
