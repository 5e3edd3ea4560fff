import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEmptyDatabase } from "@orrery/registry/conformance";
import { createMemorySubscriptions } from "../testing/memory-subscriptions.ts";
import { DEVELOPER_PLAN } from "./plan.ts";
import { settle } from "./settle.ts";
import { openSubscriptions } from "./sql-subscriptions.ts";
import { type Subscription, subscribe, withExtra } from "./subscription.ts";
import type { Subscriptions } from "./subscriptions.ts";

const AT = Date.UTC(2026, 4, 1);
const STORES: Readonly<Record<string, () => Promise<Subscriptions>>> = {
  memory: async () => createMemorySubscriptions(),
  "a database": async () => openSubscriptions(await openEmptyDatabase()),
};

for (const [name, open] of Object.entries(STORES))
  describe(`subscriptions in ${name}`, () => {
    it("are made once, and read as they were written", async () => {
      const subscriptions = await open();
      assert.equal(await subscriptions.get("a.test"), undefined);
      const made = await subscriptions.update("a.test", (one) => one ?? fresh("a.test"));
      assert.deepEqual(await subscriptions.update("a.test", (one) => one ?? fresh("a.test", AT + 1)), made);
      assert.deepEqual(await subscriptions.get("a.test"), { ...fresh("a.test"), news: [] });
    });

    it("file each invoice as it is now", async () => {
      const subscriptions = await open();
      await subscriptions.update("a.test", () => fresh("a.test"));
      const states = async () =>
        (await subscriptions.invoices({ space: "a.test", limit: 10 })).map(({ number, state }) => [number, state]);
      assert.deepEqual(await states(), [[1, "open"]]);
      await subscriptions.update("a.test", (one) => one && settle(one, "a.test/1", { kind: "paid" }, AT));
      assert.deepEqual(await states(), [[1, "paid"]]);
      assert.deepEqual(await subscriptions.invoices({ space: "a.test", below: 1, limit: 10 }), []);
      assert.deepEqual(await subscriptions.invoices({ space: "b.test", limit: 10 }), []);
    });

    it("lose no change of many at once", async () => {
      const subscriptions = await open();
      const count = (one: Subscription | undefined) => {
        const now = (one?.counts.seats.now ?? 0) + 1;
        return withExtra(one ?? fresh("a.test"), { extra: "seats", now, at: AT });
      };
      await Promise.all(Array.from({ length: 20 }, () => subscriptions.update("a.test", count)));
      assert.equal((await subscriptions.get("a.test"))?.counts.seats.now, 20);
    });

    it("are listed a page at a time", async () => {
      const subscriptions = await open();
      for (const space of ["b.test", "a.test", "c.test"]) await subscriptions.update(space, () => fresh(space));
      const page = async (after: string, limit: number) =>
        (await subscriptions.list({ after, limit })).map(({ space }) => space);
      assert.deepEqual([await page("", 2), await page("b.test", 2)], [["a.test", "b.test"], ["c.test"]]);
    });

    it("tell for whom something is due, the longest due first", async () => {
      const subscriptions = await open();
      assert.equal(await subscriptions.nextDue(), undefined);
      for (const [space, at] of [
        ["a.test", AT + 2],
        ["b.test", AT + 1],
        ["c.test", AT + 9],
      ] as const)
        await subscriptions.update(space, () => fresh(space, at));
      assert.equal(await subscriptions.nextDue(), AT + 1);
      assert.deepEqual(await subscriptions.due(AT + 2, 10), ["b.test", "a.test"]);
      assert.deepEqual(await subscriptions.due(AT + 9, 1), ["b.test"]);
    });
  });

function fresh(space: string, at = AT): Subscription {
  return subscribe({ space, account: "ann", email: "ann@a.test", plan: DEVELOPER_PLAN, at });
}
