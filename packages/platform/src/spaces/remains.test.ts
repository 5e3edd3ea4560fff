import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLog } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createLedger, createSecretBox, createSecretKey, type Database, type Registry } from "@orrery/registry";
import { openEmptyDatabase, openTestRegistry } from "@orrery/registry/conformance";
import { type Kysely, sql } from "kysely";
import type { Billing } from "../billing/billing.ts";
import { createBillingHands } from "../billing/billing-hands.ts";
import { createBilling } from "../billing/create-billing.ts";
import { MANUAL_PAYMENTS } from "../billing/manual-payments.ts";
import { DEVELOPER_PLAN } from "../billing/plan.ts";
import { openSubscriptions } from "../billing/sql-subscriptions.ts";
import type { Subscriptions } from "../billing/subscriptions.ts";
import { openSpaceServices, type SpaceServices } from "../services/open-services.ts";
import { openInvites } from "../signup/sql-invites.ts";
import { openSignupRecords } from "../signup/sql-signups.ts";
import { createGateClock } from "../testing/gate-clock.ts";
import { createRemains } from "./remains.ts";

const OPERATOR = { agent: "operator" };
const SPACE = "gone.test";
const DAY_MS = 86_400_000;

describe("createRemains", () => {
  const clock = createGateClock();
  const log = createLog({ sink: () => {}, now: clock.now, fields: {} });
  let database: Database;
  let registry: Registry;
  let services: SpaceServices;
  let billing: Billing;
  let subscriptions: Subscriptions;
  let emptyRows: Readonly<Record<string, number>>;
  before(async () => {
    database = await openEmptyDatabase();
    registry = await openTestRegistry({ database, clock });
    const secrets = createSecretBox([createSecretKey()]);
    const random = createSeededRandom(1);
    services = await openSpaceServices({ registry, database, secrets, clock, log, random });
    subscriptions = await openSubscriptions(database);
    await openSignupRecords(database);
    const mailer = { send: async () => {} };
    const hands = createBillingHands({ registry, mailer, agent: "operator" });
    billing = createBilling({ subscriptions, payments: MANUAL_PAYMENTS, hands, clock, log });
    await registry.create({ address: "stays.test", kind: "Space" }, OPERATOR);
    await fill("stays.test");
    emptyRows = await rows();
  });
  after(async () => {
    await services?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  /** Puts something of a Space into every table. */
  const fill = async (space: string) => {
    await registry.create({ address: `${space}:files`, kind: "FileSystem" }, { ...OPERATOR, requestId: `r-${space}` });
    await services.config.set({ space, steps: [{ path: "a", value: 1 }] }, OPERATOR);
    await services.store.write({ space, writes: [{ key: "a", value: Buffer.from("v") }] }, OPERATOR);
    const bill = await billing.subscribe({ space, account: space, email: `ann@${space}`, plan: DEVELOPER_PLAN });
    await billing.hear({ invoice: bill.open?.invoice.id ?? "", outcome: { kind: "paid" } });
    const invites = await openInvites(database);
    await invites.put({ space, email: `bob@${space}`, by: "operator", at: clock.now(), until: clock.now() + DAY_MS });
    const records = await openSignupRecords(database);
    const order = { space, user: "ann", hash: "", plan: DEVELOPER_PLAN };
    const known = {
      id: space,
      email: `ann@${space}`,
      at: clock.now(),
      next: null,
      failed: 0,
      until: clock.now() + DAY_MS,
    };
    await records.add({ ...known, stage: "confirmed" });
    await records.update(space, (one) => ({ ...one, stage: "done", order }));
    await using ledger = createLedger({ database, registry, clock, random: createSeededRandom(2) });
    await ledger.flush();
  };
  const kysely = () => database.kysely as unknown as Kysely<unknown>;
  const tables = async () => (await database.kysely.introspection.getTables()).map(({ name }) => name).sort();
  const rows = async () => {
    const counts: Record<string, number> = {};
    for (const table of await tables()) {
      const { rows: found } = await sql<{ n: string }>`select count(*)::text as n from ${sql.table(table)}`.execute(
        kysely(),
      );
      counts[table] = Number(found[0]?.n);
    }
    return counts;
  };
  /** In how many rows of which tables a text stands. */
  const named = async (text: string) => {
    const found: Record<string, number> = {};
    for (const table of await tables()) {
      const { rows: got } = await sql<{ n: string }>`
        select count(*)::text as n from ${sql.table(table)} one where one::text like ${`%${text}%`}`.execute(kysely());
      if (Number(got[0]?.n) > 0) found[table] = Number(got[0]?.n);
    }
    return found;
  };

  it("leaves nothing of a Space that is gone in any table, and all of the others", async () => {
    await registry.create({ address: SPACE, kind: "Space" }, OPERATOR);
    await fill(SPACE);
    const full = Object.keys(await named(SPACE));
    for (const table of ["resource", "change", "request", "usage", "subscription", "invoice", "invite", "signup"])
      assert.ok(full.includes(table), `${table} has nothing of it: ${full}`);
    await billing.cancel(SPACE, "now");
    await registry.remove({ address: SPACE, recursive: true }, OPERATOR);
    const remains = createRemains({ database, registry, subscriptions, clock, log });
    await remains.purge();
    assert.deepEqual(Object.keys(await named(SPACE)).sort(), ["change", "invoice", "subscription"]);
    await subscriptions.update(SPACE, (one) => one && { ...one, standing: "removed", effects: [] });
    await remains.purge();
    assert.deepEqual(Object.keys(await named(SPACE)), ["change"]);
    clock.pass(DAY_MS);
    const isAsBefore = async () => {
      const left = await rows();
      const others = Object.keys(emptyRows).filter((table) => table !== "change");
      const isGone = Object.keys(await named(SPACE)).length === 0;
      return isGone && others.every((table) => left[table] === emptyRows[table]);
    };
    await settled(isAsBefore);
    assert.ok(((await rows())["change"] ?? 0) <= (emptyRows["change"] ?? 0));
    remains[Symbol.dispose]();
  });

  it("does the rest the next time, where it broke off", async () => {
    const space = "broken.test";
    await registry.create({ address: space, kind: "Space" }, OPERATOR);
    await fill(space);
    await subscriptions.update(space, (one) => one && { ...one, standing: "removed", effects: [] });
    await registry.remove({ address: space, recursive: true }, OPERATOR);
    const broken = { forget: () => Promise.reject(new Error("the database is gone")) };
    const first = createRemains({ database, registry, subscriptions: broken, clock, log });
    await assert.rejects(first.purge(), /the database is gone/);
    first[Symbol.dispose]();
    using next = createRemains({ database, registry, subscriptions, clock, log });
    await next.purge();
    assert.deepEqual(Object.keys(await named(space)), ["change"]);
  });

  it("gives a Space of the same name no number of an invoice again", async () => {
    await registry.create({ address: SPACE, kind: "Space" }, OPERATOR);
    const bill = await billing.subscribe({ space: SPACE, account: SPACE, email: "eve@a.test", plan: DEVELOPER_PLAN });
    assert.equal(bill.open?.invoice.id, `${SPACE}/3`); // Above those of both that are gone.
    assert.equal((await billing.get("stays.test")).standing, "active");
  });
});

/** Waits for what goes on by itself. */
async function settled(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) assert.ok(tries < 1_000, "it does not come");
}
