import { OrreryError } from "@orrery/core";
import { type Database, migrate } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import { BILLING_SCHEMA } from "./billing-schema.ts";
import type { Invoice } from "./invoice.ts";
import { SUBSCRIPTION_TRIES } from "./limits.ts";
import { nextMoment } from "./pass-time.ts";
import type { Subscription } from "./subscription.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Opens the bills in the database of a registry, and makes their tables where they are missing. */
export async function openSubscriptions(database: Database): Promise<Subscriptions> {
  await migrate(database, BILLING_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  return {
    get: (space) => read(kysely, space),
    update: (space, change) => update(kysely, space, change),
    due: async (until, limit) => {
      const { rows } = await sql<{ space: string }>`
        select space from subscription where due <= ${until}::bigint order by due, space limit ${limit}`.execute(
        kysely,
      );
      return rows.map(({ space }) => space);
    },
    list: async ({ after, limit }) => {
      const { rows } = await sql<{ body: string }>`
        select body::text as body from subscription where space > ${after} order by space limit ${limit}`.execute(
        kysely,
      );
      return rows.map(({ body }) => JSON.parse(body) as Subscription);
    },
    nextDue: async () => {
      const { rows } = await sql<{ due: string | null }>`select min(due)::text as due from subscription`.execute(
        kysely,
      );
      const due = rows[0]?.due ?? null;
      return due === null ? undefined : Number(due);
    },
    forget: (space) => kysely.transaction().execute((transaction) => forget(transaction, space)),
    invoices: async ({ space, below = 2 ** 31 - 1, limit }) => {
      const { rows } = await sql<{ body: string }>`
        select body::text as body from invoice where space = ${space} and number < ${below}::integer
        order by number desc limit ${limit}`.execute(kysely);
      return rows.map(({ body }) => JSON.parse(body) as Invoice);
    },
  };
}

async function read(kysely: Kysely<unknown>, space: string, isToChange = false): Promise<Subscription | undefined> {
  const { rows } = await sql<{ body: string }>`
    select body::text as body from subscription where space = ${space} ${isToChange ? sql`for update` : sql``}`.execute(
    kysely,
  );
  return rows[0] && (JSON.parse(rows[0].body) as Subscription);
}

/** Two that make the same bill at once: the later one looks again. */
async function update(
  kysely: Kysely<unknown>,
  space: string,
  change: Parameters<Subscriptions["update"]>[1],
): Promise<Subscription | undefined> {
  for (let tries = 0; tries < SUBSCRIPTION_TRIES; tries++) {
    const { isWritten, subscription } = await kysely.transaction().execute(async (transaction) => {
      const before = await read(transaction, space, true);
      const after = change(before, before === undefined ? await floorOf(transaction) : 0);
      if (after === before || after === undefined) return { isWritten: true, subscription: before };
      const kept: Subscription = { ...after, news: [] };
      const isNew = before === undefined;
      if (!(await write(transaction, kept, isNew))) return { isWritten: false, subscription: undefined };
      await file(transaction, after.news);
      return { isWritten: true, subscription: kept };
    });
    if (isWritten) return subscription;
  }
  throw new OrreryError(
    "aborted",
    `Cannot change the bill of "${space}": others change it all the time, try again later`,
  );
}

async function floorOf(kysely: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ invoices: number }>`select invoices from bill_floor`.execute(kysely);
  return rows[0]?.invoices ?? 0;
}

/** A number that comes again would be a payment that the provider knows already. */
async function forget(transaction: Kysely<unknown>, space: string): Promise<void> {
  const one = await read(transaction, space, true);
  if (one?.standing !== "removed" || one.open !== undefined || one.effects.length > 0) return;
  await sql`update bill_floor set invoices = greatest(invoices, ${one.invoices}::integer)`.execute(transaction);
  await sql`delete from invoice where space = ${space}`.execute(transaction);
  await sql`delete from subscription where space = ${space}`.execute(transaction);
}

async function write(transaction: Kysely<unknown>, kept: Subscription, isNew: boolean): Promise<boolean> {
  const { space } = kept;
  const [due, body] = [nextMoment(kept), JSON.stringify(kept)];
  const { numAffectedRows } = isNew
    ? await sql`
        insert into subscription (space, due, body) values (${space}, ${due}::bigint, ${body}::json)
        on conflict do nothing`.execute(transaction)
    : await sql`
        update subscription set due = ${due}::bigint, body = ${body}::json where space = ${space}`.execute(transaction);
  return numAffectedRows === 1n;
}

async function file(transaction: Kysely<unknown>, invoices: readonly Invoice[]): Promise<void> {
  for (const invoice of invoices)
    await sql`
      insert into invoice (space, number, body) values (${invoice.space}, ${invoice.number}, ${JSON.stringify(invoice)}::json)
      on conflict (space, number) do update set body = excluded.body`.execute(transaction);
}
