import assert from "node:assert/strict";
import { DEVELOPER_PLAN } from "../billing/plan.ts";
import type { BillingRun } from "./billing-world.ts";

/** Each month: paid whole and served whole, or given back for what was not; or not paid, and served for grace at most. */
export function checkMoney(run: BillingRun): void {
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
export function checkBooks({ filed, provider }: BillingRun): void {
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
