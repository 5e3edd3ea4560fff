import { OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { abandon } from "./abandon.ts";
import type { Billing, BillingOptions } from "./billing.ts";
import { cancel, goOn, payNow } from "./cancel.ts";
import { close } from "./close.ts";
import { done, undone } from "./effects.ts";
import { BILLING_BATCH, BILLING_SLEEP_MAX_MS, BILLING_STEPS_MAX } from "./limits.ts";
import { passTime } from "./pass-time.ts";
import { type Learned, settle } from "./settle.ts";
import { type Effect, type OpenInvoice, type Order, type Subscription, subscribe, withExtra } from "./subscription.ts";

/** Makes it; it does nothing by itself before `run`. */
export function createBilling(options: BillingOptions): Billing {
  const { subscriptions, clock } = options;
  const oneAtATime = createOneAtATime();
  const settleAlone = (space: string) => oneAtATime(space, () => settleOne(space, options));
  const change = async (space: string, by: (one: Subscription, now: number) => Subscription) => {
    const changed = await subscriptions.update(space, (one) => one && by(one, clock.now()));
    if (changed === undefined) throw noBill(space);
    return settleAlone(space);
  };
  return {
    subscribe: async (order) => {
      await subscriptions.update(order.space, (one, floor) =>
        begin(one, { ...order, at: clock.now(), earlier: one?.invoices ?? floor }),
      );
      return settleAlone(order.space);
    },
    get: async (space) => known(await subscriptions.get(space), space),
    count: async ({ space, extra, now }) => {
      await subscriptions.update(space, (one) => one && withExtra(one, { extra, now, at: clock.now() }));
    },
    choose: (space, plan) => change(space, (one) => ({ ...one, nextPlan: plan })),
    cancel: (space, when) => change(space, (one, now) => cancel(one, when, now)),
    goOn: (space) => change(space, goOn),
    close: (space) => change(space, close),
    pay: (space) => change(space, payNow),
    abandon: async (space, isMeant) => {
      const giveUp = () =>
        subscriptions.update(space, (one) => (one && isMeant(one) ? abandon(one, clock.now()) : one));
      if ((await giveUp()) === undefined) return undefined;
      await settleAlone(space);
      return giveUp();
    },
    hear: async ({ invoice, outcome }) => {
      const space = invoice.slice(0, invoice.lastIndexOf("/"));
      const settled = await subscriptions.update(space, (one) => one && settle(one, invoice, outcome, clock.now()));
      if (settled !== undefined) await settleAlone(space);
    },
    settle: async (space) => {
      if (space === undefined) await settleDue(options, settleAlone);
      else await settleAlone(space);
    },
    run: (signal) => run(options, settleAlone, signal),
  };
}

/** Does what is due for one space, when nobody else does. */
type SettleAlone = (space: string) => Promise<Subscription>;

async function run(options: BillingOptions, settleAlone: SettleAlone, signal: AbortSignal): Promise<void> {
  const { subscriptions, clock, log } = options;
  while (!signal.aborted) {
    let wait = BILLING_SLEEP_MAX_MS;
    try {
      await settleDue(options, settleAlone);
      wait = Math.min(wait, ((await subscriptions.nextDue()) ?? Number.POSITIVE_INFINITY) - clock.now());
    } catch (error) {
      log.warn("bills wait", { error: String(error) });
    }
    await clock.sleep(Math.max(1, wait), signal).catch(() => {});
  }
}

/** Does what is due for all spaces; what fails for one is told, and leaves the others alone. */
async function settleDue(options: BillingOptions, settleAlone: SettleAlone): Promise<void> {
  const { subscriptions, clock, log } = options;
  const failed = new Set<string>();
  for (;;) {
    const spaces = await subscriptions.due(clock.now(), BILLING_BATCH + failed.size);
    const left = spaces.filter((space) => !failed.has(space));
    if (left.length === 0) return;
    for (const space of left)
      await settleAlone(space).catch((error: unknown) => {
        failed.add(space);
        log.error("a bill is not settled", { space, error: String(error) });
      });
  }
}

/** Does one thing after the other, each written down before the next. */
async function settleOne(space: string, options: BillingOptions): Promise<Subscription> {
  const { subscriptions, clock } = options;
  for (let steps = 0; steps < BILLING_STEPS_MAX; steps++) {
    const now = clock.now();
    const one = known(await subscriptions.update(space, (found) => found && passTime(found, now)), space);
    if (one.open !== undefined && one.open.next !== null && one.open.next <= now) await charge(one, one.open, options);
    else if (one.effects[0] !== undefined && one.effectsNext <= now) await perform(one, one.effects[0], options);
    else return one;
  }
  throw new OrreryError(
    "internal",
    `Cannot settle the bill of "${space}": after ${BILLING_STEPS_MAX} steps there is still more to do`,
  );
}

/** Asks for the money of an invoice, or takes back that it was asked for, and writes down the answer. */
async function charge({ space, account }: Subscription, { invoice, instead }: OpenInvoice, options: BillingOptions) {
  const { payments, subscriptions, clock, log } = options;
  const ask = async (): Promise<Learned> => {
    const payer = { space, account };
    if (instead === undefined) return invoice.amount > 0 ? payments.charge(invoice, payer) : { kind: "paid" };
    return { kind: await payments.withdraw(invoice, payer) };
  };
  const learned = await ask().catch((error: unknown): Learned => {
    log.warn("a provider of payments gave no answer", {
      provider: payments.name,
      invoice: invoice.id,
      error: String(error),
    });
    return { kind: "unknown" };
  });
  await subscriptions.update(space, (one) => one && settle(one, invoice.id, learned, clock.now()));
}

async function perform(subscription: Subscription, effect: Effect, options: BillingOptions): Promise<void> {
  const { subscriptions, clock, log } = options;
  const { space } = subscription;
  const isDone = await act(subscription, effect, options).then(
    () => true,
    (error: unknown) => {
      log.warn("a bill waits for something to be done", { space, effect: effect.kind, error: String(error) });
      return false;
    },
  );
  await subscriptions.update(space, (one) => {
    if (one === undefined || !isSame(one.effects[0], effect)) return one;
    return isDone ? done(one, effect, clock.now()) : undone(one, clock.now());
  });
}

async function act({ space, account, email }: Subscription, effect: Effect, options: BillingOptions): Promise<void> {
  const { hands, payments } = options;
  if (effect.kind === "tell") return hands.tell({ space, email, notice: effect.notice, text: effect.text });
  if (effect.kind === "refund") return payments.refund(effect, { space, account });
  if (effect.kind === "plan") return hands.plan(space, effect.plan);
  return hands[effect.kind](space);
}

function isSame(one: Effect | undefined, other: Effect): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A Space that is gone leaves its name, and the numbers of its invoices, to the next. */
function begin(one: Subscription | undefined, order: Order): Subscription {
  return one !== undefined && one.standing !== "removed" ? one : subscribe(order);
}

function known(subscription: Subscription | undefined, space: string): Subscription {
  if (subscription === undefined) throw noBill(space);
  return subscription;
}

function noBill(space: string): OrreryError {
  return new OrreryError(
    "not_found",
    `Cannot find a bill of "${space}": nobody subscribed there, see orrery billing plans`,
  );
}
