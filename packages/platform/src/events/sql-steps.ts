import type { Migration, Schema } from "@orrery/registry";
import { sql } from "kysely";

/**
 * Whoever appends holds the row of the log until it commits, so that offsets come to be seen in their order. No table has numbers from a sequence: a
 * restore would not bring that back.
 */
const events: Migration = {
  name: "events-0001-topics",
  up: async (kysely) => {
    await sql`
      create table event_log (
        space bigint not null, topic text collate "C" not null,
        next bigint not null default 1, entries bigint not null default 0, bytes bigint not null default 0,
        last_at bigint not null default 0, primary key (space, topic)
      )`.execute(kysely);
    await sql`
      create table event_entry (
        space bigint not null, topic text collate "C" not null, at_offset bigint not null, id text collate "C" not null,
        at bigint not null, note text not null, body bytea not null, size int not null, primary key (space, topic, at_offset)
      )`.execute(kysely);
    await sql`create unique index event_entry_id on event_entry (space, topic, id)`.execute(kysely);
    await sql`create index event_entry_at on event_entry (space, topic, at, at_offset)`.execute(kysely);
    await sql`
      create table event_record (
        space bigint not null, topic text collate "C" not null, reader text collate "C" not null, value text not null,
        version bigint not null, primary key (space, topic, reader)
      )`.execute(kysely);
  },
};

/** What events keep beside a registry in its database. */
export const EVENTS_SCHEMA: Schema = {
  migrations: [events],
  tables: [
    { name: "event_log", order: "space, topic", since: "events-0001-topics" },
    { name: "event_entry", order: "space, topic, at_offset", since: "events-0001-topics" },
    { name: "event_record", order: "space, topic, reader", since: "events-0001-topics" },
  ],
};
