import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { type BillingRun, runBilling } from "../testing/billing-world.ts";
import { DEVELOPER_PLAN } from "./plan.ts";

/** So many years of billing; the long way takes 10,000. */
const SEEDS = process.env["ORRERY_LONG"] === "1" ? 10_000 : 300;

describe("createBilling, for a year with faults in every step", () => {
  it(`never charges without service, nor serves without charge beyond grace, for ${SEEDS} seeds`, async () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await told(seed, () => runBilling(createSeededRandom(seed)));
      told(seed, () => checkMoney(run));
      for (const standing of run.standings) seen.set(standing, (seen.get(standing) ?? 0) + 1);
    }
    for (const standing of ["active", "grace", "suspended", "ended", "removed"])
      assert.ok((seen.get(standing) ?? 0) > SEEDS / 20, `too few runs were ${standing}: ${seen.get(standing)}`);
  });

  it(`has the provider's books and ours the same, with extras, for ${SEEDS} seeds`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await told(seed, () => runBilling(createSeededRandom(seed), { extras: true }));
      told(seed, () => checkBooks(run));
    }
  });
});

/** Each month: paid whole and served whole, or given back for what was not; or not paid, and served for grace at most. */
function checkMoney(run: BillingRun): void {
  checkBooks(run);
  const { price, graceMs } = DEVELOPER_PLAN;
  run.months.forEach(({ invoice, served, length }, month) => {
    const filed = run.filed.get(invoice);
    assert.ok(filed, `month ${month} has no invoice`);
    const isRunning = month === run.months.length - 1 && (run.standing === "active" || run.standing === "grace");
    const [paid, owed] = [price - filed.refunded, (price * served) / length];
    if (filed.state !== "paid" || paid === 0)
      assert.ok(served <= graceMs, `month ${month} was served for ${served} ms and is not paid`);
    else if (isRunning) assert.ok(served <= length);
    else assert.ok(Math.abs(paid - owed) <= 1, `month ${month}: ${paid} paid, ${owed} served`);
  });
}

/** What is filed is what the provider has: who paid, and what was given back. */
function checkBooks({ filed, provider }: BillingRun): void {
  for (const [id, invoice] of filed) {
    const charge = provider.charges.get(id);
    const isPaid = charge?.state === "paid";
    const back = [...(charge?.refunds.values() ?? [])].reduce((sum, amount) => sum + amount, 0);
    assert.equal(invoice.state === "paid", isPaid, `${id} is ${invoice.state} here and ${charge?.state} there`);
    assert.equal(back, invoice.refunded, `of ${id}`);
    assert.ok(back <= invoice.amount);
    assert.equal(
      invoice.lines.reduce((sum, { amount }) => sum + amount, 0),
      invoice.amount,
    );
  }
}

function told<T>(seed: number, run: () => T): T {
  const tell = (error: unknown) => {
    throw new Error(`with seed ${seed}: ${String(error)}`, { cause: error });
  };
  try {
    const answer = run();
    return (answer instanceof Promise ? answer.catch(tell) : answer) as T;
  } catch (error) {
    return tell(error);
  }
}
