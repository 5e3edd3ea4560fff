import assert from "node:assert/strict";
import type { Random } from "@orrery/core";
import type { Invoice } from "../billing/invoice.ts";
import type { ChargeOutcome, PaymentEvent, Payments } from "../billing/payments.ts";
import { DAY_MS } from "../billing/plan.ts";

/** What a modelled provider knows of an invoice. */
export interface ModelCharge {
  readonly amount: number;
  state: "asked" | "waiting" | "paid" | "withdrawn";
  /** Amounts that were given back, by key. */
  readonly refunds: Map<string, number>;
}

/** A provider of payments outside, as real ones are: with cards that decline and people who pay by themselves. */
export interface PaymentModel extends Payments {
  readonly charges: ReadonlyMap<string, ModelCharge>;
  /** When it next tells something of its own accord. */
  nextAt(): number;
  /** What it tells up to a moment. */
  take(until: number): readonly PaymentEvent[];
}

/** Makes it. */
export function createPaymentModel({
  random,
  now,
  isHarmed,
}: {
  readonly random: Random;
  readonly now: () => number;
  readonly isHarmed: (chance: number) => boolean;
}): PaymentModel {
  const charges = new Map<string, ModelCharge>();
  const events: { at: number; event: PaymentEvent }[] = [];
  const tell = (invoice: string, outcome: ChargeOutcome, delay: number) =>
    events.push({ at: now() + delay, event: { invoice, outcome } });
  const payLater = (invoice: string, charge: ModelCharge) => {
    const at = now() + 1 + random.integer(60 * DAY_MS);
    events.push({
      at,
      get event(): PaymentEvent {
        if (charge.state === "waiting") charge.state = "paid";
        const outcome: ChargeOutcome =
          charge.state === "paid" ? { kind: "paid" } : { kind: "declined", reason: "too late" };
        if (random.next() < 0.3) tell(invoice, outcome, random.integer(DAY_MS));
        return { invoice, outcome };
      },
    });
  };
  const chargeOf = ({ id, amount }: Invoice): ModelCharge => {
    const charge = charges.get(id) ?? { amount, state: "asked", refunds: new Map() };
    assert.equal(charge.amount, amount, "an invoice changes");
    charges.set(id, charge);
    return charge;
  };
  return {
    ...{ name: "model", charges },
    open: async ({ space }) => space,
    hasMethod: async () => true,
    methodPage: async () => undefined,
    charge: async (invoice) => {
      const charge = chargeOf(invoice);
      assert.ok(invoice.amount > 0, "asked for nothing");
      if (charge.state === "withdrawn") return { kind: "declined", reason: "withdrawn" };
      if (charge.state === "paid") return { kind: "paid" };
      if (isHarmed(0.35)) return { kind: "declined", reason: "no funds" };
      if (charge.state === "asked" && isHarmed(0.1)) {
        charge.state = "waiting";
        payLater(invoice.id, charge);
        return { kind: "waiting" };
      }
      charge.state = "paid";
      if (isHarmed(0.3)) tell(invoice.id, { kind: "paid" }, random.integer(3 * DAY_MS));
      return { kind: "paid" };
    },
    withdraw: async (invoice) => {
      const charge = chargeOf(invoice);
      if (charge.state === "paid") return "paid";
      charge.state = "withdrawn";
      return "withdrawn";
    },
    refund: async ({ invoice, amount, key }) => {
      const charge = charges.get(invoice);
      assert.equal(charge?.state, "paid", "gives back what nobody paid");
      charge.refunds.set(key, amount);
    },
    nextAt: () => Math.min(...events.map(({ at }) => at)),
    take: (until) => {
      const due = events.filter(({ at }) => at <= until);
      for (const one of due) events.splice(events.indexOf(one), 1);
      return due.map((one) => one.event);
    },
  };
}
