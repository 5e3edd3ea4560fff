import { type Database, migrate, type RegistryRules, type Schema } from "@orrery/registry";
import { CompiledQuery, type Kysely, sql } from "kysely";
import type { EntryPlace, EntryStore, ListPlan, StoreChange, StoreState, TablePlace } from "./entry-store.ts";
import { keyBehind } from "./key-range.ts";
import { STORE_PAGE_BYTES_MAX, STORE_TABLES_MAX } from "./limits.ts";
import type { Entry } from "./space-store.ts";
import { createTurns } from "./turns.ts";

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

const GET = `
  select key, value, version, expires from store_entry
  where space = $1::bigint and base = $2 and name = $3 and key = $4 and (expires is null or expires > $5::bigint)`;

/** Opens the store of entries over a database, which it brings to the newest schema. Plain SQL of PostgreSQL 15. @throws OrreryError as `migrate` */
export async function openSqlEntryStore(database: Pick<Database, "kysely">): Promise<EntryStore> {
  await migrate(database, STORE_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  const turns = createTurns();
  return {
    get: async ({ space, database: base, table, key }, at) => {
      const query = CompiledQuery.raw(GET, [space, base, table, key, at]); // What is asked most often is not built anew.
      const [row] = (await kysely.executeQuery<Row>(query)).rows;
      return row && entryOf(row);
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
      turns.take(space, async () => {
        const state = await stateOf(kysely, space, keys);
        if (state !== undefined && (await write(kysely, space, decide(state), state))) return;
        // Somebody else wrote meanwhile, or nobody ever did: now he who holds the row is waited for.
        await kysely.transaction().execute(async (within) => {
          await sql`
            insert into store_space (space, version, bytes) values (${space}::bigint, 0, 0)
            on conflict (space) do update set version = store_space.version`.execute(within);
          const held = await stateOf(within, space, keys);
          if (held !== undefined) await write(within, space, decide(held), held);
        });
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

/** Which rows are those of some entries; for one alone the database has less to think about. */
function among(places: readonly EntryPlace[]) {
  const [first] = places;
  if (first !== undefined && places.length === 1)
    return sql`base = ${first.database} and name = ${first.table} and key = ${first.key}`;
  return sql`(base, name, key) in (select * from unnest(${columns(places)}))`;
}

function columns(places: readonly EntryPlace[]) {
  const texts = (of: (place: EntryPlace) => string) => sql`${places.map(of)}::text[]`;
  return sql`${texts(({ database }) => database)}, ${texts(({ table }) => table)}, ${texts(({ key }) => key)}`;
}

interface StateRow {
  readonly held: string;
  readonly total: string;
  /** Absent in the only row where none of the entries is there. */
  readonly key: string | null;
  readonly base: string;
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  readonly expires: string | null;
}

/** What a Space's store is at one moment; undefined where nothing was ever written. */
async function stateOf(
  kysely: Kysely<unknown>,
  space: number,
  keys: readonly EntryPlace[],
): Promise<StoreState | undefined> {
  const { rows } = await sql<StateRow>`
    select store_space.version as held, store_space.bytes as total, entry.* from store_space left join (
      select base, name, key, version, octet_length(value) as bytes, expires from store_entry
      where space = ${space}::bigint and ${among(keys)}
    ) entry on true where store_space.space = ${space}::bigint`.execute(kysely);
  const [first] = rows;
  if (first === undefined) return undefined;
  const entries = rows.flatMap(({ base, name, key, version, bytes, expires }) => {
    const until = expires === null ? {} : { expires: Number(expires) };
    return key === null ? [] : [{ database: base, table: name, key, version: Number(version), bytes, ...until }];
  });
  return { entries, version: Number(first.held), bytes: Number(first.total) };
}

/**
 * Writes a change as one statement, for one way to the database and back; false where the store is no more what it was decided over. What is put
 * raises its version, and what is removed lowers its bytes.
 */
async function write(
  kysely: Kysely<unknown>,
  space: number,
  { put, removed, version, bytes }: StoreChange,
  before: StoreState,
): Promise<boolean> {
  const gone = sql`
    delete from store_entry where space = ${space}::bigint and ${among(removed)} and exists (select from held)`;
  const written = sql`
    insert into store_entry (space, base, name, key, value, version, expires)
    select ${space}::bigint, * from unnest(${columns(put)},
      ${put.map(({ value }) => Buffer.from(value))}::bytea[], ${put.map((one) => one.version)}::bigint[],
      ${put.map(({ expires = null }) => expires)}::bigint[])
    where exists (select from held)
    on conflict (space, base, name, key) do update
    set value = excluded.value, version = excluded.version, expires = excluded.expires`;
  const held = sql`
    update store_space set version = ${version}::bigint, bytes = ${bytes}::bigint
    where space = ${space}::bigint and version = ${before.version}::bigint and bytes = ${before.bytes}::bigint
    returning space`;
  const parts = [
    sql`held as (${held})`,
    ...(removed.length > 0 ? [sql`gone as (${gone})`] : []),
    ...(put.length > 0 ? [sql`written as (${written})`] : []),
  ];
  const { rows } = await sql`with ${sql.join(parts)} select space from held`.execute(kysely);
  return rows.length > 0;
}
