import { OrreryError } from "@orrery/core";
import { type Database, migrate, type Schema } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import type { ConfigChange } from "./config.ts";
import type { ConfigPlace, ConfigRecord, ConfigSpan, ConfigStore } from "./config-store.ts";
import { CONFIG_CHANGES_BYTES_MAX, CONFIG_CHANGES_MAX, CONFIG_SCOPES_MAX } from "./limits.ts";

/** The tables of config. `json`, so that documents come back to the letter. */
export const CONFIG_SCHEMA: Schema = {
  migrations: [
    {
      name: "config-0001-documents",
      up: async (kysely) => {
        await sql`
          create table config_document (
            space bigint not null, scope text collate "C" not null, version bigint not null, compacted bigint not null,
            document json not null, primary key (space, scope)
          )`.execute(kysely);
        await sql`
          create table config_change (
            space bigint not null, scope text collate "C" not null, version bigint not null, bytes int not null,
            body json not null, primary key (space, scope, version)
          )`.execute(kysely);
      },
    },
  ],
  tables: [
    {
      name: "config_document",
      order: "space, scope",
      since: "config-0001-documents",
      keysOf: (row) => [...row.matchAll(/\{"s":"([0-9a-f]+)\./g)].map(([, key = ""]) => key),
    },
    { name: "config_change", order: "space, scope, version", since: "config-0001-documents" },
  ],
};

interface Row {
  readonly space: number | string;
  readonly scope: string;
  readonly version: number | string;
  readonly compacted: number | string;
  readonly document: string;
}

/** Opens the store of config over a database, which it brings to the newest schema. Plain SQL of PostgreSQL 15. @throws OrreryError as `migrate` */
export async function openSqlConfigStore(database: Pick<Database, "kysely">): Promise<ConfigStore> {
  await migrate(database, CONFIG_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  return {
    read: async (place) => (await recordQuery(place).execute(kysely)).rows.map(recordOf)[0],
    change: async (place, decide) => {
      for (let isDone = false; !isDone; )
        isDone = await kysely.transaction().execute((within) => changeWithin(within, place, decide));
    },
    changes: async ({ space, scope }, span, limit) => {
      const { rows } = await changesQuery({ space, scope }, span, limit).execute(kysely);
      return rows.map(({ body }) => JSON.parse(body) as ConfigChange);
    },
    scopes: async (after, limit) => {
      const { space, scope } = after ?? { space: -1, scope: "" };
      const { rows } = await sql<Row>`
        select space, scope, version, compacted, document::text as document from config_document
        where (space, scope) > (${space}::bigint, ${scope}) order by space, scope limit ${limit}`.execute(kysely);
      return rows.map(recordOf);
    },
    spaces: async () => {
      const { rows } = await sql<{ space: number | string }>`select distinct space from config_document`.execute(
        kysely,
      );
      return rows.map(({ space }) => Number(space));
    },
    drop: async (space) => {
      await kysely.transaction().execute(async (within) => {
        await sql`delete from config_document where space = ${space}::bigint`.execute(within);
        await sql`delete from config_change where space = ${space}::bigint`.execute(within);
      });
    },
  };
}

function recordOf({ space, scope, version, compacted, document }: Row): ConfigRecord {
  return { space: Number(space), scope, version: Number(version), compacted: Number(compacted), document };
}

function changesQuery({ space, scope }: ConfigPlace, span: ConfigSpan, limit: number) {
  const which =
    "after" in span
      ? sql`version > ${span.after}::bigint order by version`
      : sql`version < ${span.before}::bigint order by version desc`;
  return sql<{ body: string }>`
    select body::text as body from config_change
    where space = ${space}::bigint and scope = ${scope} and ${which} limit ${limit}`;
}

type Decide = Parameters<ConfigStore["change"]>[1];

/** Whoever comes second waits at the row for the first. Tells whether it was done; not where somebody else made the row meanwhile. */
async function changeWithin(within: Kysely<unknown>, place: ConfigPlace, decide: Decide): Promise<boolean> {
  const { space, scope } = place;
  const { rows } = await recordQuery(place, sql`for update`).execute(within);
  const record = rows.map(recordOf)[0];
  const write = decide(record);
  if (write === undefined) return true;
  if (record === undefined) await assertRoom(within, space);
  const { document, change } = write;
  const version = change?.version ?? record?.version ?? 0;
  const { numAffectedRows } =
    record === undefined
      ? await sql`
          insert into config_document (space, scope, version, compacted, document)
          values (${space}::bigint, ${scope}, ${version}::bigint, 0, ${document}::json) on conflict do nothing`.execute(
          within,
        )
      : await sql`
          update config_document set version = ${version}::bigint, document = ${document}::json
          where space = ${space}::bigint and scope = ${scope}`.execute(within);
  if (numAffectedRows !== 1n) return false;
  if (change === undefined) return true;
  const body = JSON.stringify(change);
  await sql`
    insert into config_change (space, scope, version, bytes, body)
    values (${space}::bigint, ${scope}, ${version}::bigint, ${Buffer.byteLength(body)}, ${body}::json)`.execute(within);
  await forgetOld(place).execute(within);
  return true;
}

function recordQuery({ space, scope }: ConfigPlace, lock = sql``) {
  return sql<Row>`
    select space, scope, version, compacted, document::text as document from config_document
    where space = ${space}::bigint and scope = ${scope} ${lock}`;
}

async function assertRoom(within: Kysely<unknown>, space: number): Promise<void> {
  const { rows } = await sql<{ count: number | string }>`
    select count(*) as count from config_document where space = ${space}::bigint`.execute(within);
  if (Number(rows[0]?.count) < CONFIG_SCOPES_MAX) return;
  throw new OrreryError(
    "resource_exhausted",
    `Cannot set config in another scope: the space has ${CONFIG_SCOPES_MAX} already, which is the limit, use one of those`,
  );
}

/** Deletes the changes that are more than are kept, and notes how far. */
function forgetOld({ space, scope }: ConfigPlace) {
  return sql`
    with counted as (
      select version, row_number() over newest as place, sum(bytes) over newest as total from config_change
      where space = ${space}::bigint and scope = ${scope} window newest as (order by version desc)
    ),
    gone as (
      delete from config_change where space = ${space}::bigint and scope = ${scope} and version <= (
        select max(version) from counted
        where place > ${CONFIG_CHANGES_MAX} or (place > 1 and total > ${CONFIG_CHANGES_BYTES_MAX})
      )
      returning version
    )
    update config_document set compacted = (select max(version) from gone)
    where space = ${space}::bigint and scope = ${scope} and exists (select 1 from gone)`;
}
