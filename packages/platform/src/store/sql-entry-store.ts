import { type Database, migrate, type RegistryRules, type Schema } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import type { EntryPlace, EntryStore, ListPlan, StoreChange, StoreState, TablePlace } from "./entry-store.ts";
import { keyBehind } from "./key-range.ts";
import { STORE_PAGE_BYTES_MAX, STORE_TABLES_MAX } from "./limits.ts";
import type { Entry } from "./space-store.ts";

/** The tables of stores. Keys are compared by their bytes. */
export const STORE_SCHEMA: Schema = {
  migrations: [
    {
      name: "store-0001-entries",
      up: async (kysely) => {
        await sql`create table store_space (space bigint primary key, version bigint not null, bytes bigint not null)`.execute(
          kysely,
        );
        await sql`
          create table store_entry (
            space bigint not null, base text collate "C" not null, name text collate "C" not null,
            key text collate "C" not null, value bytea not null, version bigint not null, expires bigint,
            primary key (space, base, name, key)
          )`.execute(kysely);
        await sql`create index store_entry_expires on store_entry (expires) where expires is not null`.execute(kysely);
      },
    },
  ],
  tables: [
    { name: "store_space", order: "space", since: "store-0001-entries" },
    { name: "store_entry", order: "space, base, name, key", since: "store-0001-entries" },
  ],
};

interface Row {
  readonly key: string;
  readonly value: Uint8Array;
  readonly version: number | string;
  readonly expires: number | string | null;
}

/** Opens the store of entries over a database, which it brings to the newest schema. Plain SQL of PostgreSQL 15. @throws OrreryError as `migrate` */
export async function openSqlEntryStore(database: Pick<Database, "kysely">): Promise<EntryStore> {
  await migrate(database, STORE_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  return {
    get: async ({ space, database: base, table, key }, at) => {
      const { rows } = await sql<Row>`
        select key, value, version, expires from store_entry
        where space = ${space}::bigint and base = ${base} and name = ${table} and key = ${key}
          and (expires is null or expires > ${at}::bigint)`.execute(kysely);
      return rows.map(entryOf)[0];
    },
    list: async (place, plan) => (await listQuery(place, plan).execute(kysely)).rows.map(entryOf),
    tables: async (space, at) => {
      const { rows } = await sql<{ base: string; name: string; entries: string; bytes: string }>`
        select base, name, count(*) as entries, sum(octet_length(key) + octet_length(value)) as bytes from store_entry
        where space = ${space}::bigint and (expires is null or expires > ${at}::bigint)
        group by base, name order by base, name limit ${STORE_TABLES_MAX}`.execute(kysely);
      return rows.map(({ base, name, entries, bytes }) => {
        return { database: base, table: name, entries: Number(entries), bytes: Number(bytes) };
      });
    },
    change: (space, keys, decide) =>
      kysely.transaction().execute(async (within) => {
        const change = decide(await stateWithin(within, space, keys));
        await writeWithin(within, space, change);
      }),
    expired: async (at, limit) => {
      const { rows } = await sql<{ space: string; base: string; name: string; key: string }>`
        select space, base, name, key from store_entry
        where expires <= ${at}::bigint order by space, expires limit ${limit}`.execute(kysely);
      return rows.map(({ space, base, name, key }) => ({ space: Number(space), database: base, table: name, key }));
    },
    spaces: async () => {
      const { rows } = await sql<{ space: string }>`select space from store_space`.execute(kysely);
      return rows.map(({ space }) => Number(space));
    },
    drop: async (space) => {
      await kysely.transaction().execute(async (within) => {
        await sql`delete from store_space where space = ${space}::bigint`.execute(within);
        await sql`delete from store_entry where space = ${space}::bigint`.execute(within);
      });
    },
  };
}

/** Says how many bytes of keys and values Spaces hold in their stores, for a registry over the same database. */
export function heldInStores(database: Pick<Database, "kysely">): NonNullable<RegistryRules["held"]> {
  const kysely = database.kysely as unknown as Kysely<unknown>;
  return async ({ created }) => {
    const { rows } = await sql<{ bytes: string }>`
      select bytes from store_space where space = ${created}::bigint`.execute(kysely);
    return Number(rows[0]?.bytes ?? 0);
  };
}

function entryOf({ key, value, version, expires }: Row): Entry {
  return { key, value, version: Number(version), ...(expires === null ? {} : { expires: Number(expires) }) };
}

/** A page whose values together fit; the first comes in any case. */
function listQuery({ space, database, table }: TablePlace, plan: ListPlan) {
  const { prefix, descending, after, limit, offset, keysOnly, at } = plan;
  const end = keyBehind(prefix);
  const order = descending ? sql`order by key desc` : sql`order by key`;
  const behind = descending ? sql`key < ${after}` : sql`key > ${after}`;
  const value = keysOnly ? sql`''::bytea` : sql`value`;
  return sql<Row>`
    select key, value, version, expires from (
      select *, sum(octet_length(value)) over (${order} rows unbounded preceding) - octet_length(value) as before
      from (
        select key, ${value} as value, version, expires from store_entry
        where space = ${space}::bigint and base = ${database} and name = ${table} and key >= ${prefix}
          and ${end === undefined ? sql`true` : sql`key < ${end}`} and ${after === undefined ? sql`true` : behind}
          and (expires is null or expires > ${at}::bigint)
        ${order} limit ${limit} offset ${offset}
      ) page
    ) counted where before < ${STORE_PAGE_BYTES_MAX} ${order}`;
}

function columns(places: readonly EntryPlace[]) {
  const texts = (of: (place: EntryPlace) => string) => sql`${places.map(of)}::text[]`;
  return sql`${texts(({ database }) => database)}, ${texts(({ table }) => table)}, ${texts(({ key }) => key)}`;
}

/** Whoever comes second in a Space waits at its row for the first, and reads what is there only then. */
async function stateWithin(within: Kysely<unknown>, space: number, keys: readonly EntryPlace[]): Promise<StoreState> {
  const { rows } = await sql<{ version: string; bytes: string }>`
    insert into store_space (space, version, bytes) values (${space}::bigint, 0, 0)
    on conflict (space) do update set version = store_space.version returning version, bytes`.execute(within);
  const found = await sql<{
    base: string;
    name: string;
    key: string;
    version: string;
    bytes: number;
    expires: string | null;
  }>`
    select base, name, key, version, octet_length(value) as bytes, expires from store_entry
    where space = ${space}::bigint and (base, name, key) in (select * from unnest(${columns(keys)}))`.execute(within);
  const entries = found.rows.map(({ base, name, key, version, bytes, expires }) => {
    const until = expires === null ? {} : { expires: Number(expires) };
    return { database: base, table: name, key, version: Number(version), bytes, ...until };
  });
  return { entries, version: Number(rows[0]?.version), bytes: Number(rows[0]?.bytes) };
}

async function writeWithin(within: Kysely<unknown>, space: number, change: StoreChange): Promise<void> {
  const { put, removed, version, bytes } = change;
  const gone = sql`
    delete from store_entry
    where space = ${space}::bigint and (base, name, key) in (select * from unnest(${columns(removed)}))`;
  const written = sql`
    insert into store_entry (space, base, name, key, value, version, expires)
    select ${space}::bigint, * from unnest(${columns(put)},
      ${put.map(({ value }) => Buffer.from(value))}::bytea[], ${put.map((one) => one.version)}::bigint[],
      ${put.map(({ expires = null }) => expires)}::bigint[])
    on conflict (space, base, name, key) do update
    set value = excluded.value, version = excluded.version, expires = excluded.expires`;
  const parts = [removed.length > 0 && sql`gone as (${gone})`, put.length > 0 && sql`written as (${written})`];
  const first = parts.filter((part) => part !== false);
  // One statement, for one way to the database and back. What is removed is never put as well.
  await sql`
    ${first.length > 0 ? sql`with ${sql.join(first)}` : sql``}
    update store_space set version = ${version}::bigint, bytes = ${bytes}::bigint where space = ${space}::bigint`.execute(
    within,
  );
}
