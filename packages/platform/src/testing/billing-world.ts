import assert from "node:assert/strict";
import { type Clock, createLog, type Random } from "@orrery/core";
import type { Billing, BillingHands, BillingOptions } from "../billing/billing.ts";
import { createBilling } from "../billing/create-billing.ts";
import { DAY_MS, DEVELOPER_PLAN } from "../billing/plan.ts";
import { isServed, type Subscription } from "../billing/subscription.ts";
import { createMemorySubscriptions, type MemorySubscriptions } from "./memory-subscriptions.ts";
import { createOutside, type Outside, type StepEnds, written } from "./outside.ts";
import { createPaymentModel, type PaymentModel } from "./payment-model.ts";
import { createSpaceModel, type SpaceModel } from "./space-model.ts";

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
  /** Spaces that are there at the end. */
  readonly spaces: readonly string[];
  /** How often the process was killed. */
  readonly kills: number;
}

/** Watches what stands written about a space over time. */
class Witness {
  readonly months: SeenMonth[] = [];
  readonly standings: string[] = [];
  noticedAt: number | undefined;
  #last: Subscription | undefined;
  #since: number;
  #index = 0;

  constructor(since: number) {
    this.#since = since;
  }

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

/** Where bills run under everything that may go wrong. */
export interface BillingWorld {
  readonly random: Random;
  readonly clock: Clock;
  readonly outside: Outside;
  readonly billing: Billing;
  readonly subscriptions: MemorySubscriptions;
  readonly provider: PaymentModel;
  readonly model: SpaceModel;
  chance(one: number): boolean;
  /** As `chance`, before all faults end. */
  isHarmed(one: number): boolean;
  /** The space that is watched from now on. */
  watch(space: string): void;
  /** What else is done when something of it is due; and when the process is started again. */
  join(other: { due(): Promise<number>; settle(): Promise<void>; restart(): void }): void;
  /** Time goes on to a moment, with all that is due on the way. */
  goTo(at: number): Promise<void>;
}

/** Options of a run. */
export interface BillingRunOptions {
  readonly days?: number;
  /** Whether people and services come and go. */
  readonly extras?: boolean;
  /** How likely it is that the process is killed, each time before and after something outside. Default: never. */
  readonly deadly?: number;
  /** Counts how each step ended. Default: nobody counts. */
  readonly steps?: StepEnds;
  /** Brings the bill about, and gives its space. Default: somebody subscribes. */
  readonly begin?: (world: BillingWorld) => Promise<string>;
}

/**
 * Lets the bill of one space run for so many days under everything that may go wrong: no answer before or after something was done, cards that decline,
 * payments that come by themselves, late and twice, a database that breaks off, a process that is killed; and an owner who does this and that. All faults
 * end ten days before the run does.
 */
export async function runBilling(
  random: Random,
  { days = 400, extras = false, deadly = 0, steps = new Map(), begin = subscribe }: BillingRunOptions = {},
): Promise<BillingRun> {
  const end = START + days * DAY_MS;
  const calm = end - 10 * DAY_MS;
  const { world, witness } = createWorld(random, { calm, deadly, steps });
  const { clock, subscriptions, provider, outside, model } = world;
  const space = await begin(world);
  while (clock.now() < end) {
    const wish = clock.now() + 1 + random.integer(20 * DAY_MS);
    await world.goTo(Math.min(end, wish));
    if (clock.now() === wish && wish < calm) await wishSomething(world, space, extras);
    await world.goTo(clock.now());
    check(await known(subscriptions, space), { witness: witness(), model, now: clock.now() });
  }
  assert.deepEqual(model.wrongs, []);
  const { standing } = await known(subscriptions, space);
  const { months, standings } = witness();
  const { filed } = subscriptions;
  return { months, standing, filed, provider, standings, spaces: [...model.spaces.keys()], kills: outside.kills };
}

async function subscribe(world: BillingWorld): Promise<string> {
  world.watch(SPACE);
  await world.model.hands.make({ signup: "", space: SPACE, user: "", hash: "" });
  await world.outside.again(() =>
    world.billing.subscribe({ space: SPACE, account: "ann", email: "ann@a.test", plan: DEVELOPER_PLAN }),
  );
  return SPACE;
}

function createWorld(
  random: Random,
  { calm, deadly, steps }: { readonly calm: number; readonly deadly: number; readonly steps: StepEnds },
) {
  let now = START;
  let watched = SPACE;
  let witness = new Witness(now);
  const others: Parameters<BillingWorld["join"]>[0][] = [];
  const clock = { now: () => now, monotonic: () => now, timer: () => ({ cancel: () => {} }), sleep: async () => {} };
  const chance = (one: number) => random.next() < one;
  const isHarmed = (one: number) => now < calm && chance(one);
  const fault = (often: number) => (isHarmed(0.05 * often) ? (chance(0.5) ? "before" : "after") : undefined);
  const dies = (often: number) => deadly > 0 && isHarmed(deadly * often);
  const onWrite = (one: Subscription) => void (one.space === watched && witness.see(one, now));
  const subscriptions = createMemorySubscriptions({ onWrite });
  const provider = createPaymentModel({ random, now: () => now, isHarmed });
  const model = createSpaceModel();
  const tell: BillingHands["tell"] = async ({ notice }) => {
    if (notice === "removal") witness.noticedAt = now;
  };
  const open = () =>
    createBilling({ ...harmed(outside, { subscriptions, provider, model, tell }), clock, log: SILENT });
  const restart = () => {
    billing = open();
    for (const other of others) other.restart();
  };
  const outside = createOutside({ fault, dies, restart, steps });
  let billing = open();
  const world: BillingWorld = {
    ...{ random, clock, outside, subscriptions, provider, model, chance, isHarmed },
    get billing() {
      return billing;
    },
    watch: (space) => {
      watched = space;
      witness = new Witness(now);
    },
    join: (other) => void others.push(other),
    goTo: async (end) => {
      for (;;) {
        const due = await Promise.all([subscriptions.nextDue(), ...others.map((other) => other.due())]);
        now = Math.max(now, Math.min(end, provider.nextAt(), ...due.map((at) => at ?? Number.POSITIVE_INFINITY)));
        witness.pass(now);
        for (const event of provider.take(now)) await outside.again(() => world.billing.hear(event));
        await settleAll(world, others);
        if (now >= end) return;
      }
    },
  };
  return { world, witness: () => witness };
}

const SILENT = createLog({ sink: () => {}, now: () => 0, fields: {} });

/** All that bills do outside, each of which may fail. */
function harmed(
  outside: Outside,
  {
    subscriptions,
    provider,
    model,
    tell,
  }: Pick<BillingWorld, "subscriptions" | "provider" | "model"> & Pick<BillingHands, "tell">,
): Pick<BillingOptions, "subscriptions" | "payments" | "hands"> {
  const { get, update, due, nextDue } = subscriptions;
  const { serve, stop, plan, remove } = model.hands; // The plan of the world bounds nothing of a whole space.
  return {
    subscriptions: {
      ...outside.harm(
        "bills",
        { get, update, due },
        { kinds: { update: written(subscriptions, ({ standing }) => standing) } },
      ),
      nextDue,
    },
    payments: outside.harm("payments", checked(provider, model), { often: { withdraw: 6, refund: 6 } }),
    hands: {
      ...outside.harm(
        "spaces",
        { serve, stop, remove, tell },
        { kinds: { tell: ({ notice }: { readonly notice: string }) => notice }, often: { remove: 6 } },
      ),
      plan,
    },
  };
}

/** Nobody is charged for a space that is not there. */
function checked(provider: PaymentModel, { spaces, wrongs }: SpaceModel): BillingOptions["payments"] {
  const { name, withdraw, refund } = provider;
  return {
    ...{ name, withdraw, refund },
    charge: (invoice, payer) => {
      const isForMonth = invoice.lines[0]?.amount === DEVELOPER_PLAN.price; // Else it is for what was used before.
      if (!spaces.has(invoice.space) && isForMonth)
        wrongs.push(`"${invoice.id}" is charged, and the space is not there`);
      return provider.charge(invoice, payer);
    },
  };
}

/** What an owner may do. */
async function wishSomething(world: BillingWorld, space: string, extras: boolean): Promise<void> {
  const { random } = world;
  const wishes: (() => Promise<unknown>)[] = [
    () => world.billing.pay(space),
    () => world.billing.pay(space),
    () => world.billing.goOn(space),
    () => world.billing.get(space),
    () => world.billing.cancel(space, "month"),
    async () => random.integer(6) === 0 && (await world.billing.cancel(space, "now")),
    async () => random.integer(8) === 0 && (await world.billing.close(space)),
    async () => extras && (await world.billing.count({ space, extra: "seats", now: random.integer(5) })),
    async () => extras && (await world.billing.count({ space, extra: "services", now: random.integer(30) })),
  ];
  await world.outside.again(wishes[random.integer(wishes.length)] as () => Promise<unknown>);
}

interface Seen {
  readonly witness: Witness;
  readonly model: SpaceModel;
  readonly now: number;
}

/** At rest, what is done is what stands written; nothing is served beyond grace, and nothing removed without notice. */
function check(one: Subscription, { witness, model, now }: Seen): void {
  const { space, standing, open, plan } = one;
  const isRemoved = model.removed.has(space);
  if (standing === "grace") assert.ok(now < (open?.invoice.at ?? 0) + plan.graceMs, "served beyond grace");
  if (one.effects.length === 0) {
    assert.equal(model.spaces.get(space)?.isServed ?? false, isServed(standing), `it stands ${standing}`);
    assert.equal(isRemoved, standing === "removed" || one.isClosed === true);
  }
  if (isRemoved && one.isClosed !== true)
    assert.ok(witness.noticedAt !== undefined && now >= witness.noticedAt + 7 * DAY_MS);
}

async function known(subscriptions: MemorySubscriptions, space: string): Promise<Subscription> {
  const one = await subscriptions.get(space);
  assert.ok(one);
  return one;
}

async function settleAll(
  world: BillingWorld,
  others: readonly { due(): Promise<number>; settle(): Promise<void> }[],
): Promise<void> {
  const { subscriptions, clock, outside } = world;
  const isDue = async () => {
    const bills = (await subscriptions.nextDue()) ?? Number.POSITIVE_INFINITY;
    return Math.min(bills, ...(await Promise.all(others.map((other) => other.due())))) <= clock.now();
  };
  while (await isDue()) {
    await outside.again(() => world.billing.settle());
    for (const other of others) await outside.again(() => other.settle());
  }
}
