import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLog, createNode, type Node } from "@orrery/core";
import { createHttpDoor, type HttpDoor } from "@orrery/http";
import Stripe from "stripe";
import { createMemorySubscriptions } from "../testing/memory-subscriptions.ts";
import { type StripeServer, startStripeServer } from "../testing/stripe-server.ts";
import type { Billing } from "./billing.ts";
import { createBilling } from "./create-billing.ts";
import { DEVELOPER_PLAN } from "./plan.ts";
import { createStripeWebhook, STRIPE_WEBHOOK_PATH } from "./stripe-webhook.ts";
import { openStripePayments } from "./system-stripe-payments.ts";

const SECRET = "whsec_test";
const NOW = Date.UTC(2026, 5, 1);
const clock = { now: () => NOW, monotonic: () => NOW, timer: () => ({ cancel: () => {} }), sleep: async () => {} };
const PAID = event("payment_intent.succeeded", { status: "succeeded", metadata: { invoice: "a.test/1" } });

describe("createStripeWebhook", () => {
  let server: StripeServer;
  let billing: Billing;
  let node: Node;
  let door: HttpDoor;
  let url: string;
  const served: string[] = [];
  before(async () => {
    server = await startStripeServer();
    server.mood = "needs_action";
    const payments = await openStripePayments({
      apiKey: "sk_test_1",
      webhookSecret: SECRET,
      clock,
      server: server.url,
    });
    const log = createLog({ sink: () => {}, now: clock.now, fields: {} });
    const act = (name: string) => async () => void served.push(name);
    const hands = {
      serve: act("serve"),
      stop: act("stop"),
      remove: act("remove"),
      plan: async () => {},
      tell: async () => {},
    };
    billing = createBilling({ subscriptions: createMemorySubscriptions(), payments, hands, clock, log });
    const account = await payments.open({ space: "a.test", email: "ann@a.test" });
    await billing.subscribe({ space: "a.test", account, email: "ann@a.test", plan: DEVELOPER_PLAN });
    node = createNode({ components: [] });
    await node.start();
    const pages = { [STRIPE_WEBHOOK_PATH]: createStripeWebhook({ payments, billing }) };
    door = createHttpDoor({ node, services: [], pages, bodyBytesMax: 10_000 });
    url = (await door.listen()) + STRIPE_WEBHOOK_PATH;
  });
  after(async () => {
    await door?.close();
    await node?.stop();
    await server?.[Symbol.asyncDispose]();
  });

  const post = async (body: string, signature: string) =>
    (await fetch(url, { method: "POST", body, headers: { "stripe-signature": signature } })).status;
  const standing = async () => (await billing.get("a.test")).standing;

  it("takes nothing that Stripe did not sign so, just now", async () => {
    for (const [body, signature] of [
      [PAID, ""],
      [PAID, signed(PAID, "whsec_other")],
      [PAID, signed(PAID, SECRET, NOW - 301_000)],
      [PAID.replace("a.test/1", "b.test/1"), signed(PAID)],
    ] as const)
      assert.equal(await post(body, signature), 401);
    assert.equal(await standing(), "starting");
  });

  it("answers other ways, and what is too large, and takes what is about something else", async () => {
    assert.equal((await fetch(url)).status, 405);
    const large = event("customer.created", { name: "a".repeat(20_000) });
    assert.equal(await post(large, signed(large)), 413);
    const other = event("customer.created", { id: "cus_1" });
    assert.equal(await post(other, signed(other)), 200);
    assert.equal(await standing(), "starting");
  });

  it("has a space served once it is paid, and the same again changes nothing", async () => {
    const signature = signed(PAID);
    for (let times = 0; times < 3; times++) assert.equal(await post(PAID, signature), 200);
    assert.deepEqual([await standing(), served], ["active", ["serve"]]);
    const late = event("payment_intent.payment_failed", { status: "canceled", metadata: { invoice: "a.test/1" } });
    assert.equal(await post(late, signed(late)), 200);
    const nobodys = event("payment_intent.succeeded", { status: "succeeded", metadata: { invoice: "x.test/7" } });
    assert.equal(await post(nobodys, signed(nobodys)), 200);
    assert.deepEqual([await standing(), served], ["active", ["serve"]]);
  });
});

function event(type: string, object: unknown): string {
  return JSON.stringify({ id: "evt_1", object: "event", type, data: { object } });
}

/** Signs as Stripe does, by its own helper. */
function signed(payload: string, secret = SECRET, at = NOW): string {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(at / 1_000) });
}
