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
  ],
  tables: [
    { name: "subscription", order: "space", since: "billing-0001-subscriptions" },
    { name: "invoice", order: "space, number", since: "billing-0001-subscriptions" },
  ],
};
