import assert from "node:assert/strict";
import { createLog, type Random } from "@orrery/core";
import type { Billing } from "../billing/billing.ts";
import { createBilling } from "../billing/create-billing.ts";
import { DAY_MS, DEVELOPER_PLAN, type Plan } from "../billing/plan.ts";
import { isServed, type Subscription } from "../billing/subscription.ts";
import { createMemorySubscriptions, type MemorySubscriptions } from "./memory-subscriptions.ts";
import { createPaymentModel, type PaymentModel } from "./payment-model.ts";

const SPACE = "demo.test";
const START = Date.UTC(2026, 0, 31, 12);

/** What was seen of one month of a bill. */
interface SeenMonth {
  /** The invoice for it. */
  invoice: string;
  /** How long the space was served in it, in ms. */
  served: number;
  length: number;
}

/** What happened in a run. */
export interface BillingRun {
  readonly months: readonly SeenMonth[];
  readonly standing: Subscription["standing"];
  readonly filed: MemorySubscriptions["filed"];
  readonly provider: PaymentModel;
  /** Standings in the order in which they came. */
  readonly standings: readonly string[];
}

/** Watches what stands written about a space over time, and what is done to it. */
class Witness {
  readonly months: SeenMonth[] = [];
  readonly standings: string[] = [];
  isServing = false;
  isRemoved = false;
  noticedAt: number | undefined;
  #last: Subscription | undefined;
  #since = START;
  #index = 0;

  /** Something was written. */
  see(one: Subscription, now: number): void {
    this.pass(now);
    if (this.#last?.standing !== one.standing) this.standings.push(one.standing);
    if (this.#last?.standing === "active" && one.standing === "grace") this.#index++;
    this.#last = one;
    const month = this.#month();
    month.length = one.month.until - one.month.from;
    const isForMonth = one.standing === "starting" || one.standing === "grace";
    if (isForMonth && one.open !== undefined && one.open.instead === undefined) month.invoice = one.open.invoice.id;
  }

  /** Time went by. */
  pass(now: number): void {
    if (isServed(this.#last?.standing ?? "starting")) this.#month().served += now - this.#since;
    this.#since = now;
  }

  #month(): SeenMonth {
    const month = this.months[this.#index] ?? { invoice: "", served: 0, length: 0 };
    this.months[this.#index] = month;
    return month;
  }
}

/**
 * Lets the bill of one space run for so many days under everything that may go wrong: no answer before or after something was done, cards that decline,
 * payments that come by themselves, late and twice, a database that breaks off; and an owner who does this and that. All faults end ten
 * days before the run does.
 */
export async function runBilling(random: Random, { days = 400, extras = false } = {}): Promise<BillingRun> {
  let now = START;
  const calm = START + (days - 10) * DAY_MS;
  const chance = (one: number) => random.next() < one;
  const isHarmed = (one: number) => now < calm && chance(one);
  const fault = () => (isHarmed(0.05) ? (chance(0.5) ? "before" : "after") : undefined);
  const witness = new Witness();
  const subscriptions = createMemorySubscriptions({ fault, onWrite: (one) => witness.see(one, now) });
  const provider = createPaymentModel({ random, now: () => now, fault, isHarmed });
  const act = async (done: () => void) => {
    const wrong = fault();
    if (wrong === "before") throw new Error("not done");
    done();
    if (wrong === "after") throw new Error("done, and nobody knows");
  };
  const clock = { now: () => now, monotonic: () => now, timer: () => ({ cancel: () => {} }), sleep: async () => {} };
  const billing = createBilling({
    ...{ subscriptions, payments: provider, clock, log: createLog({ sink: () => {}, now: () => now, fields: {} }) },
    hands: {
      serve: () => act(() => (witness.isServing = true)),
      stop: () => act(() => (witness.isServing = false)),
      remove: () => act(() => (witness.isRemoved = true)),
      tell: ({ notice }) => act(() => (witness.noticedAt = notice === "removal" ? now : witness.noticedAt)),
    },
  });
  const plan: Plan = DEVELOPER_PLAN;
  await again(() => billing.subscribe({ space: SPACE, account: "ann", email: "ann@a.test", plan }));
  for (const end = START + days * DAY_MS; now < end; ) {
    const due = (await subscriptions.nextDue()) ?? Number.POSITIVE_INFINITY;
    const wish = now + random.integer(20 * DAY_MS);
    const next = Math.min(end, Math.max(now + 1, Math.min(due, wish, provider.nextAt())));
    now = next;
    witness.pass(now);
    for (const event of provider.take(now)) await again(() => billing.hear(event));
    await settleAll(billing, subscriptions, () => now);
    if (now === wish && now < calm) await wishSomething(billing, random, extras);
    await settleAll(billing, subscriptions, () => now);
    check(await known(subscriptions), witness, now);
  }
  const { standing } = await known(subscriptions);
  return { months: witness.months, standing, filed: subscriptions.filed, provider, standings: witness.standings };
}

/** What an owner may do. */
async function wishSomething(billing: Billing, random: Random, extras: boolean): Promise<void> {
  const wishes: (() => Promise<unknown>)[] = [
    () => billing.pay(SPACE),
    () => billing.pay(SPACE),
    () => billing.goOn(SPACE),
    () => billing.goOn(SPACE),
    () => billing.cancel(SPACE, "month"),
    async () => random.integer(6) === 0 && (await billing.cancel(SPACE, "now")),
    async () => extras && (await billing.count({ space: SPACE, extra: "seats", now: random.integer(5) })),
    async () => extras && (await billing.count({ space: SPACE, extra: "services", now: random.integer(30) })),
  ];
  await again(wishes[random.integer(wishes.length)] ?? wishes[0]);
}

/** At rest, what is done is what stands written; nothing is served beyond grace, and nothing removed without notice. */
function check(one: Subscription, witness: Witness, now: number): void {
  if (one.standing === "grace") assert.ok(now < (one.open?.invoice.at ?? 0) + one.plan.graceMs, "served beyond grace");
  if (one.effects.length === 0) {
    assert.equal(witness.isServing, isServed(one.standing), `it stands ${one.standing}`);
    assert.equal(witness.isRemoved, one.standing === "removed");
  }
  if (witness.isRemoved) assert.ok(witness.noticedAt !== undefined && now >= witness.noticedAt + 7 * DAY_MS);
}

async function known(subscriptions: MemorySubscriptions): Promise<Subscription> {
  const one = await subscriptions.get(SPACE);
  assert.ok(one);
  return one;
}

async function settleAll(billing: Billing, subscriptions: MemorySubscriptions, now: () => number): Promise<void> {
  while (((await subscriptions.nextDue()) ?? Number.POSITIVE_INFINITY) <= now()) await billing.settle();
}

/** As somebody does whose wish failed without an answer. */
async function again(wish: (() => Promise<unknown>) | undefined): Promise<void> {
  for (;;)
    try {
      await wish?.();
      return;
    } catch (error) {
      if (!String(error).includes("the database is gone")) throw error;
    }
}
