import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createBillingBench } from "../testing/billing-bench.ts";
import { DAY_MS } from "./plan.ts";

describe("createBilling", () => {
  it("asks 115 USD for a month with two more people and two more services than the plan has", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 0, 1) });
    assert.deepEqual(bench.served(), ["serve"]);
    await bench.billing.count({ space: "a.test", extra: "seats", now: 3 });
    await bench.billing.count({ space: "a.test", extra: "services", now: 12 });
    await bench.goTo(Date.UTC(2026, 1, 1));
    const [second, first] = await bench.invoices();
    assert.deepEqual([first?.amount, first?.state], [3_500, "paid"]);
    assert.deepEqual(second?.lines, [
      { text: "Developer, 2026-02-01 to 2026-03-01", amount: 3_500 },
      { text: "2 more seats than 1, 2026-01-01 to 2026-02-01", amount: 7_000 },
      { text: "2 more services than 10, 2026-01-01 to 2026-02-01", amount: 1_000 },
    ]);
    assert.deepEqual([second?.amount, second?.state], [11_500, "paid"]);
  });

  it("counts extras for as long as they were there", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 3, 1) });
    await bench.goTo(Date.UTC(2026, 3, 11));
    await bench.billing.count({ space: "a.test", extra: "seats", now: 2 });
    await bench.goTo(Date.UTC(2026, 3, 26));
    await bench.billing.count({ space: "a.test", extra: "seats", now: 1 });
    await bench.goTo(Date.UTC(2026, 4, 1));
    const [second] = await bench.invoices();
    assert.deepEqual(second?.lines[1], { text: "0.5 more seats than 1, 2026-04-01 to 2026-05-01", amount: 1_750 });
  });

  it("goes through grace, stops serving, tells before it removes, and removes", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 0, 1) });
    bench.answer({ kind: "declined", reason: "no funds" });
    await bench.goTo(Date.UTC(2026, 2, 30));
    const day = (month: number, one: number) => Date.UTC(2026, month - 1, one);
    assert.deepEqual(bench.acts, [
      [day(1, 1), "serve"],
      ...[1, 2, 4, 6].map((one) => [day(2, one), "tell declined"]),
      [day(2, 8), "stop"],
      [day(2, 8), "tell suspended"],
      [day(3, 3), "tell removal"],
      [day(3, 10), "remove"],
      [day(3, 10), "tell removed"],
    ]);
    assert.equal((await bench.billing.get("a.test")).standing, "removed");
    assert.equal((await bench.invoices())[0]?.state, "void");
  });

  it("serves again when it is paid, and makes the month longer by as long as nothing was served", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 0, 1) });
    bench.answer({ kind: "declined", reason: "no funds" });
    await bench.goTo(Date.UTC(2026, 1, 18));
    assert.deepEqual(bench.served(), ["serve", "stop"]);
    bench.answer({ kind: "paid" });
    const paid = await bench.billing.pay("a.test");
    assert.deepEqual([paid.standing, paid.month.until], ["active", Date.UTC(2026, 2, 1) + 10 * DAY_MS]);
    assert.deepEqual(bench.served(), ["serve", "stop", "serve"]);
  });

  it("goes on to the end of the month when it is cancelled, and asks for nothing more", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 0, 1) });
    await bench.goTo(Date.UTC(2026, 0, 10));
    await bench.billing.cancel("a.test", "month");
    await bench.goTo(Date.UTC(2026, 0, 31, 23));
    assert.deepEqual(bench.served(), ["serve"]);
    await bench.goTo(Date.UTC(2026, 1, 1));
    assert.deepEqual(bench.served(), ["serve", "stop"]);
    assert.equal((await bench.invoices()).length, 1);
  });

  it("gives back what is not used when it ends now", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 3, 1) });
    await bench.goTo(Date.UTC(2026, 3, 16));
    await bench.billing.cancel("a.test", "now");
    assert.deepEqual(bench.refunds, [["a.test/1", 1_750, "a.test/1/unused"]]);
    assert.equal((await bench.invoices())[0]?.refunded, 1_750);
  });

  it("removes at once when its Space is deleted, and gives back what is not used", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 3, 1) });
    await bench.goTo(Date.UTC(2026, 3, 16));
    await bench.billing.close("a.test");
    await bench.goTo(Date.UTC(2026, 3, 16, 1));
    assert.deepEqual(bench.refunds, [["a.test/1", 1_750, "a.test/1/unused"]]);
    assert.equal((await bench.billing.get("a.test")).standing, "removed");
    assert.deepEqual(bench.served(), ["serve", "stop", "remove"]);
  });

  it("asks for what was beyond the plan after its Space was deleted, and no longer than content would have been kept", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 3, 1) });
    await bench.billing.count({ space: "a.test", extra: "seats", now: 40 });
    await bench.goTo(Date.UTC(2026, 3, 29));
    bench.answer({ kind: "declined", reason: "no money" });
    await bench.billing.close("a.test");
    await bench.goTo(Date.UTC(2026, 3, 30));
    const { standing, open } = await bench.billing.get("a.test");
    assert.deepEqual([standing, (open?.invoice.amount ?? 0) > 0], ["ended", true]);
    await bench.goTo(Date.UTC(2026, 7, 1));
    const after = await bench.billing.get("a.test");
    assert.deepEqual([after.standing, after.open], ["removed", undefined]);
  });

  it("has the next plan from the next month on", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 0, 1) });
    const { plan } = await bench.billing.get("a.test");
    await bench.billing.choose("a.test", { ...plan, name: "team", title: "Team", price: 9_900 });
    await bench.goTo(Date.UTC(2026, 1, 1));
    assert.deepEqual(
      (await bench.invoices()).map(({ amount }) => amount),
      [9_900, 3_500],
    );
  });

  it("removes nothing as long as nobody knows whether it is paid", async () => {
    const bench = await createBillingBench({ at: Date.UTC(2026, 0, 1) });
    bench.answer("nothing");
    await bench.goTo(Date.UTC(2026, 11, 1));
    const { standing } = await bench.billing.get("a.test");
    assert.deepEqual([standing, bench.served()], ["suspended", ["serve", "stop"]]);
    bench.answer({ kind: "paid" });
    await bench.goTo(Date.UTC(2026, 11, 2));
    assert.deepEqual(bench.served(), ["serve", "stop", "serve"]);
  });
});
