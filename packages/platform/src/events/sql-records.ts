import { type Kysely, sql } from "kysely";
import type { EventRecords, RecordName } from "./event-store.ts";

/** By chance, out of so many that none comes twice. */
const VERSION = sql`(1 + floor(random() * 9e15))::bigint`;

/** Records in the tables that `EVENTS_SCHEMA` makes. */
export function sqlRecords(kysely: Kysely<unknown>): EventRecords {
  const whereIs = ({ space, topic, group }: RecordName) =>
    sql`space = ${space} and topic = ${topic} and reader = ${group}`;
  return {
    get: async (name) => {
      const { rows } = await sql<{ value: string; version: number }>`
        select value, version from event_record where ${whereIs(name)}`.execute(kysely);
      const [row] = rows;
      return row === undefined ? undefined : { value: row.value, version: Number(row.version) };
    },
    list: async (space) => {
      const { rows } = await sql<{ topic: string; reader: string; value: string; version: number }>`
        select topic, reader, value, version from event_record where space = ${space}`.execute(kysely);
      return rows.map(({ topic, reader, value, version }) => {
        return { space, topic, group: reader, value, version: Number(version) };
      });
    },
    put: async (name, { value, expected }) => {
      const { space, topic, group } = name;
      const { rows } =
        expected === 0
          ? await sql<{ version: number }>`
              insert into event_record (space, topic, reader, value, version)
              values (${space}, ${topic}, ${group}, ${value}, ${VERSION})
              on conflict do nothing returning version`.execute(kysely)
          : await sql<{ version: number }>`
              update event_record set value = ${value}, version = ${VERSION}
              where ${whereIs(name)} and version = ${expected} returning version`.execute(kysely);
      return rows[0] === undefined ? undefined : Number(rows[0].version);
    },
    remove: async (name) => void (await sql`delete from event_record where ${whereIs(name)}`.execute(kysely)),
  };
}
