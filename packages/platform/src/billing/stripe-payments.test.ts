import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import Stripe from "stripe";
import { startStripeServer } from "../testing/stripe-server.ts";
import type { Invoice } from "./invoice.ts";
import { openStripePayments } from "./system-stripe-payments.ts";

const SECRET = "whsec_test";
const NOW = Date.UTC(2026, 5, 1);
const INVOICE: Invoice = {
  ...{ id: "a.test/1", space: "a.test", number: 1, at: NOW, currency: "usd", amount: 3_500 },
  ...{ lines: [{ text: "Developer", amount: 3_500 }], state: "open", refunded: 0 },
};

describe("openStripePayments", () => {
  it("charges an invoice once, however often it is asked, also when Stripe has forgotten the key", async () => {
    await using bench = await open();
    const { payments, payer, server } = bench;
    assert.deepEqual(await payments.charge(INVOICE, payer), { kind: "paid" });
    server.forgetKeys();
    assert.deepEqual(await payments.charge(INVOICE, payer), { kind: "paid" });
    assert.deepEqual(
      server.intents.map(({ amount, currency, status }) => [amount, currency, status]),
      [[3_500, "usd", "succeeded"]],
    );
  });

  it("rejects where the answer is lost, and finds it paid afterwards", async () => {
    await using bench = await open();
    const { payments, payer, server } = bench;
    server.mood = "no_answer";
    await assert.rejects(payments.charge(INVOICE, payer));
    server.mood = "no_funds";
    assert.deepEqual(await payments.charge(INVOICE, payer), { kind: "paid" });
    assert.equal(server.intents.length, 1);
  });

  it("tells why a card was declined, and takes the next one", async () => {
    await using bench = await open();
    const { payments, payer, server } = bench;
    server.mood = "no_funds";
    const reason = "Your card has insufficient funds.";
    assert.deepEqual(await payments.charge(INVOICE, payer), { kind: "declined", reason });
    server.mood = "good";
    assert.deepEqual(await payments.charge(INVOICE, payer), { kind: "paid" });
    assert.equal(server.intents.length, 1);
  });

  it("waits for whoever has to confirm, and declines where no card is named", async () => {
    await using bench = await open();
    const { payments, payer, server } = bench;
    server.hasCard = false;
    assert.equal(await payments.hasMethod(payer), false);
    assert.deepEqual(await payments.charge(INVOICE, payer), { kind: "declined", reason: "no way to pay is named" });
    assert.equal(await payments.methodPage(payer, { returnTo: "https://a.test/" }), "https://pay.example/cus_a.test");
    Object.assign(server, { hasCard: true, mood: "needs_action" });
    assert.deepEqual(await payments.charge(INVOICE, payer), { kind: "waiting" });
  });

  it("withdraws an invoice so that it can never be charged, or finds it paid", async () => {
    await using bench = await open();
    const { payments, payer } = bench;
    assert.equal(await payments.withdraw(INVOICE, payer), "withdrawn");
    assert.deepEqual(await payments.charge(INVOICE, payer), { kind: "declined", reason: "it was withdrawn" });
    const second = { ...INVOICE, id: "a.test/2", number: 2 };
    await payments.charge(second, payer);
    assert.equal(await payments.withdraw(second, payer), "paid");
  });

  it("gives back once for each key", async () => {
    await using bench = await open();
    const { payments, payer, server } = bench;
    await payments.charge(INVOICE, payer);
    const refund = { invoice: "a.test/1", amount: 1_750, key: "a.test/1/unused" };
    await payments.refund(refund, payer);
    server.forgetKeys();
    await payments.refund(refund, payer);
    assert.deepEqual(
      server.refunds.map(({ amount }) => amount),
      [1_750],
    );
    await assert.rejects(payments.refund({ ...refund, invoice: "a.test/9" }, payer), /Stripe knows no payment of it/);
  });

  it("hears of payments by webhooks that Stripe has signed, and of nothing else", async () => {
    await using bench = await open();
    const { payments } = bench;
    const body = webhook("payment_intent.succeeded", { status: "succeeded", metadata: { invoice: "a.test/1" } });
    assert.deepEqual(payments.readEvent(body, signed(body)), { invoice: "a.test/1", outcome: { kind: "paid" } });
    const failed = webhook("payment_intent.payment_failed", {
      ...{ status: "requires_payment_method", metadata: { invoice: "a.test/1" } },
      last_payment_error: { message: "Your card has expired." },
    });
    const outcome = { kind: "declined", reason: "Your card has expired." };
    assert.deepEqual(payments.readEvent(failed, signed(failed)), { invoice: "a.test/1", outcome });
    const other = webhook("customer.created", { id: "cus_1" });
    assert.equal(payments.readEvent(other, signed(other)), undefined);
    for (const [text, signature] of [
      [body.replace("a.test/1", "b.test/1"), signed(body)],
      [body, signed(body, "whsec_other")],
      [body, signed(body, SECRET, NOW - 301_000)],
      [body, ""],
    ] as const)
      assert.throws(
        () => payments.readEvent(text, signature),
        (error) => isOrreryError(error) && error.code === "unauthenticated" && !error.message.includes(SECRET),
      );
  });
});

async function open() {
  const server = await startStripeServer();
  const options = { apiKey: "sk_test_1", webhookSecret: SECRET, clock: { now: () => NOW }, server: server.url };
  const payments = await openStripePayments(options);
  const payer = { space: "a.test", account: await payments.open({ space: "a.test", email: "ann@a.test" }) };
  return { server, payments, payer, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function webhook(type: string, object: unknown): string {
  return JSON.stringify({ id: "evt_1", object: "event", type, data: { object } });
}

/** Signs as Stripe does, by its own helper. */
function signed(payload: string, secret = SECRET, at = NOW): string {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(at / 1_000) });
}
