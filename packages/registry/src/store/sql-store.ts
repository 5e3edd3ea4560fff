import { sql } from "kysely";
import { parentText, rangeBelow } from "../address/address.ts";
import type { Change, Resource } from "../resource.ts";
import type { Database } from "./database.ts";
import type { Batch, DoneRequest, Head, ListPlan, Store, StoredPlace } from "./store.ts";

/** Makes the store over a database that `migrate` has prepared. Plain SQL of PostgreSQL 15; nothing that its distributed kin lack. */
export function createSqlStore({ kysely }: Pick<Database, "kysely">): Store {
  const bodies = async (query: ReturnType<typeof sql<{ body: Resource }>>) =>
    (await query.execute(kysely)).rows.map(({ body }) => body);
  return {
    head: async () => {
      const row = await kysely
        .selectFrom("registry")
        .select(["revision", "compacted", "batch"])
        .executeTakeFirstOrThrow();
      return { revision: Number(row.revision), compacted: Number(row.compacted), batch: row.batch } satisfies Head;
    },
    load: (addresses) => bodies(sql`select body from resource where address = any(${addresses}::text[])`),
    stored: async (place) => {
      const { rows } = await storedQuery(place).execute(kysely);
      return { bytes: Number(rows[0]?.bytes ?? 0), revision: Number(rows[0]?.revision ?? 0) };
    },
    list: (plan) => bodies(listQuery(plan)),
    owned: ({ owners, outside, limit }) => {
      const { after, before } = rangeBelow(outside);
      return bodies(sql`
        select body from resource
        where owner = any(${owners}::text[]) and address <> ${outside} and (address <= ${after} or address >= ${before})
        order by address limit ${limit}`);
    },
    requests: async (names) => {
      const ids = names.map(({ id }) => id);
      const agents = names.map(({ agent }) => agent);
      const { rows } = await sql<DoneRequest>`
        select agent, id, digest, address, revision, until from request
        where (agent, id) in (select * from unnest(${agents}::text[], ${ids}::text[]))`.execute(kysely);
      return rows.map((row) => ({ ...row, revision: Number(row.revision), until: Number(row.until) }));
    },
    commit: (batch) => commit(kysely, batch),
    changes: async (after, limit) => {
      const { rows } = await sql<{ body: Change }>`
        select body from change where revision > ${after} order by revision limit ${limit}`.execute(kysely);
      return rows.map(({ body }) => body);
    },
    compact: async (upTo, at) => {
      await kysely.transaction().execute(async (transaction) => {
        await sql`update registry set compacted = greatest(compacted, least(revision, ${upTo}::bigint))`.execute(
          transaction,
        );
        await sql`delete from change where revision <= (select compacted from registry)`.execute(transaction);
        await sql`delete from request where until < ${at}`.execute(transaction);
      });
    },
  };
}

function storedQuery({ address, owner }: StoredPlace) {
  const range = rangeBelow(address);
  return sql<{ bytes: string; revision: string }>`
    select (select revision from registry) as revision, coalesce(sum((part.value ->> 'bytes')::bigint), 0) as bytes
    from resource, json_each(resource.body -> 'state') part
    where (address = ${address} or (address > ${range.after} and address < ${range.before}))
      and ${owner === undefined ? sql`true` : sql`resource.owner = ${owner}`}`;
}

function listQuery({ reach, root, after, kind, limit }: ListPlan): ReturnType<typeof sql<{ body: Resource }>> {
  const range = reach === "below" && root !== "" ? rangeBelow(root) : undefined;
  const where = [
    reach === "children" ? sql`parent = ${root}` : undefined,
    reach === "kind" ? sql`kind = ${root}` : undefined,
    range === undefined ? undefined : sql`address > ${range.after} and address < ${range.before}`,
    after === undefined ? undefined : sql`address > ${after}`,
    kind === undefined ? undefined : sql`kind = ${kind}`,
    sql`true`,
  ].filter((part) => part !== undefined);
  return sql<{
    body: Resource;
  }>`select body from resource where ${sql.join(where, sql` and `)} order by address limit ${limit}`;
}

async function commit(kysely: Database["kysely"], batch: Batch): ReturnType<Store["commit"]> {
  const { id, expected, revision, fresh, put, removed, changes, requests } = batch;
  try {
    return await kysely.transaction().execute(async (transaction) => {
      const moved = await sql`
        update registry set revision = ${revision}::bigint, batch = ${id}
        where id = 1 and revision = ${expected}::bigint`.execute(transaction);
      if (moved.numAffectedRows !== 1n) return "moved";
      if (fresh.length > 0) {
        const { numAffectedRows } = await sql`${insertRows(fresh)} on conflict do nothing`.execute(transaction);
        if (numAffectedRows !== BigInt(fresh.length)) throw TAKEN;
      }
      if (put.length > 0)
        await sql`
          ${insertRows(put)} on conflict (address) do update
          set kind = excluded.kind, body = excluded.body, owner = excluded.owner`.execute(transaction);
      if (removed.length > 0)
        await sql`delete from resource where address = any(${removed}::text[])`.execute(transaction);
      await sql`
        insert into change (revision, address, body)
        select * from unnest(${changes.map((one) => one.revision)}::bigint[],
          ${changes.map(({ resource }) => resource.address)}::text[],
          ${changes.map((one) => JSON.stringify(one))}::text[]::json[])`.execute(transaction);
      if (requests.length > 0) await insertRequests(requests).execute(transaction);
      return "written";
    });
  } catch (error) {
    if (error === TAKEN) return "taken";
    throw error;
  }
}

/** Undoes a transaction. */
const TAKEN = new Error("an address is in use");

function insertRows(rows: readonly Resource[]) {
  return sql`
    insert into resource (address, parent, kind, body, owner)
    select * from unnest(${rows.map(({ address }) => address)}::text[],
      ${rows.map(({ address }) => parentText(address))}::text[], ${rows.map(({ kind }) => kind)}::text[],
      ${rows.map((one) => JSON.stringify(one))}::text[]::json[],
      ${rows.map(({ owner }) => owner)}::text[])`;
}

function insertRequests(requests: readonly DoneRequest[]) {
  const column = <K extends keyof DoneRequest>(name: K) => requests.map((one) => one[name]);
  return sql`
    insert into request (agent, id, digest, address, revision, until)
    select * from unnest(${column("agent")}::text[], ${column("id")}::text[], ${column("digest")}::text[], ${column("address")}::text[],
      ${column("revision")}::bigint[], ${column("until")}::bigint[])
    on conflict (agent, id) do nothing`;
}
