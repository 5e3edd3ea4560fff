import type { Schema } from "@orrery/registry";
import { sql } from "kysely";

/** What bills keep in the database of a registry. */
export const BILLING_SCHEMA: Schema = {
  migrations: [
    {
      name: "billing-0001-subscriptions",
      up: async (kysely) => {
        await sql`
          create table subscription (space text collate "C" primary key, due bigint, body json not null)`.execute(
          kysely,
        );
        await sql`create index subscription_due on subscription (due) where due is not null`.execute(kysely);
        await sql`
          create table invoice (
            space text collate "C" not null, number integer not null, body json not null, primary key (space, number)
          )`.execute(kysely);
      },
    },
    {
      name: "billing-0002-floor",
      up: async (kysely) => {
        await sql`create table bill_floor (id int primary key check (id = 1), invoices integer not null)`.execute(
          kysely,
        );
        await sql`insert into bill_floor (id, invoices) values (1, 0)`.execute(kysely);
      },
    },
  ],
  tables: [
    { name: "subscription", order: "space", since: "billing-0001-subscriptions" },
    { name: "invoice", order: "space, number", since: "billing-0001-subscriptions" },
    { name: "bill_floor", order: "id", since: "billing-0002-floor" },
  ],
};
