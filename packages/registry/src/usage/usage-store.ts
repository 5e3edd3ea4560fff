import { type Kysely, sql } from "kysely";
import { rangeBelow } from "../address/address.ts";
import { USAGE_CHANGES_MAX } from "../limits.ts";
import { placesOf } from "../quotas/quota.ts";
import type { Database, Tables } from "../store/database.ts";
import { type Flow, NO_USAGE, type Usage } from "./use.ts";

/** What was used at an address, to be written: for the owner of what is there then, or of what it would lie in. */
export interface UsedAt {
  readonly address: string;
  readonly used: Readonly<Record<Flow, number>>;
}

/** What is written at once. */
export interface UsageFlush {
  /** Who writes; nobody else has the name. */
  readonly writer: string;
  /** Which of the writer's flushes it is, from 1. */
  readonly flush: number;
  /** In ms since 1970. */
  readonly at: number;
  /** Who has what lies in nothing that is there. */
  readonly nobody: string;
  readonly used: readonly UsedAt[];
}

/** A part of what was used. */
export interface UsagePart {
  /** What it is of: an address, or an owner. */
  readonly name: string;
  readonly usage: Usage;
}

/** What was used. */
export interface UsageReport {
  readonly total: Usage;
  readonly parts: readonly UsagePart[];
}

/** Which usage is meant. */
export interface UsagePlan {
  /** Of this resource and all that lies in it; empty: of everything. */
  readonly root: string;
  /** `child`: each that lies in the root directly, with all in it; and what is the root's own, by its address. */
  readonly by: "child" | "owner";
  /** In ms since 1970: until when bytes that are there count. */
  readonly at: number;
  /** Only those after this name. Default: from the first. */
  readonly after?: string;
  readonly limit: number;
}

/** The tables of the ledger. */
export interface UsageStore {
  /** Writes what was used, and counts all changes up to now. Written once, however often it is asked. */
  write(flush: UsageFlush): Promise<void>;
  /** A page of parts, in the order of their names, and all of them together, as they are at one moment. */
  read(plan: UsagePlan): Promise<UsageReport>;
  /** Forgets writers that have not written since then. */
  forget(before: number): Promise<void>;
}

/** Makes it over a database that `migrate` has prepared. */
export function createUsageStore({ kysely }: Pick<Database, "kysely">): UsageStore {
  return {
    write: async (flush) => {
      for (let isWhole = false, first = true; !isWhole; first = false)
        isWhole = await kysely.transaction().execute(async (transaction) => {
          if (first && flush.used.length > 0 && (await isNew(transaction, flush)))
            await writeUsed(flush).execute(transaction);
          return countChanges(transaction, flush.at);
        });
    },
    read: (plan) =>
      kysely.transaction().execute(async (transaction) => {
        await sql`set transaction isolation level repeatable read, read only`.execute(transaction);
        const { after: _, ...whole } = plan;
        const all = await readQuery(whole, sql`''`).execute(transaction);
        const { root, by } = plan;
        const parts = await readQuery(plan, by === "owner" ? sql`owner` : childOf(root)).execute(transaction);
        return { total: all.rows.map(partOf)[0]?.usage ?? NO_USAGE, parts: parts.rows.map(partOf) };
      }),
    forget: async (before) => void (await sql`delete from usage_writer where at < ${before}`.execute(kysely)),
  };
}

/** Notes a flush; tells whether it was not written before. */
async function isNew(transaction: Kysely<Tables>, { writer, flush, at }: UsageFlush): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into usage_writer (name, flush, at) values (${writer}, ${flush}, ${at})
    on conflict (name) do update set flush = excluded.flush, at = excluded.at
    where usage_writer.flush < excluded.flush`.execute(transaction);
  return numAffectedRows === 1n;
}

function writeUsed({ used, at, nobody }: UsageFlush) {
  const column = (flow: Flow) => sql`${used.map((one) => one.used[flow])}::bigint[]`;
  const places = used.map(({ address }) => placesOf(address).join("\n"));
  return sql`
    insert into usage (address, owner, at, network_in, network_out, cpu_us, messages)
    select address, coalesce((
        select resource.owner from resource where resource.address = any(string_to_array(places, chr(10)))
        order by length(resource.address) desc limit 1
      ), ${nobody}), ${at}::bigint, network_in, network_out, cpu_us, messages
    from unnest(${used.map(({ address }) => address)}::text[], ${places}::text[],
      ${column("networkIn")}, ${column("networkOut")}, ${column("cpuUs")}, ${column("messages")})
      as one (address, places, network_in, network_out, cpu_us, messages)
    on conflict (address, owner) do update set
      network_in = usage.network_in + excluded.network_in, network_out = usage.network_out + excluded.network_out,
      cpu_us = usage.cpu_us + excluded.cpu_us, messages = usage.messages + excluded.messages`;
}

/** Counts changes that were not counted yet, up to so many; tells whether none are left. Whoever counts holds the one row. */
async function countChanges(transaction: Kysely<Tables>, at: number): Promise<boolean> {
  const { rows } = await sql<{ from: string; head: string; compacted: string }>`
    select usage_head.revision as "from", registry.revision as head, registry.compacted
    from usage_head, registry for update of usage_head`.execute(transaction);
  const [from = 0, head = 0, compacted = 0] = [rows[0]?.from, rows[0]?.head, rows[0]?.compacted].map(Number);
  if (from === head) return true;
  const to = from < compacted ? head : Math.min(head, from + USAGE_CHANGES_MAX);
  await countSteps(from < compacted ? recounted(at) : changed(from, to)).execute(transaction);
  await sql`update usage_head set revision = ${to}::bigint`.execute(transaction);
  return to === head;
}

/** What a resource took from each of its changes on. */
function changed(from: number, to: number) {
  return sql`
    select address, revision, (body ->> 'at')::bigint as at, body -> 'resource' ->> 'owner' as owner,
      case when body -> 'parts' ->> 0 = 'removed' then 0 else (
        select coalesce(sum((part.value ->> 'bytes')::bigint), 0) from json_each(body -> 'resource' -> 'state') part
      ) end as file_bytes,
      case when body -> 'parts' ->> 0 = 'removed' then 0 else octet_length((body -> 'resource')::text) end as database_bytes
    from change where revision > ${from}::bigint and revision <= ${to}::bigint`;
}

/** What resources take now, where changes were forgotten before they were counted: those that differ. */
function recounted(at: number) {
  return sql`
    select coalesce(resource.address, usage.address) as address, 1::bigint as revision, ${at}::bigint as at,
      coalesce(resource.owner, usage.owner) as owner,
      case when resource.address is null then 0 else (
        select coalesce(sum((part.value ->> 'bytes')::bigint), 0) from json_each(resource.body -> 'state') part
      ) end as file_bytes,
      coalesce(octet_length(resource.body::text), 0) as database_bytes
    from resource full join (select * from usage where database_bytes > 0) usage using (address)`;
}

/** Adds to each resource and owner what was there times how long, from step to step, and leaves what is there after the last. */
function countSteps(steps: ReturnType<typeof sql>) {
  return sql`
    with step as (${steps}),
    known as (
      select address, owner, 0::bigint as revision, at, file_bytes, database_bytes from usage
      where (file_bytes > 0 or database_bytes > 0) and address in (select address from step)
    ),
    moment as (
      select address, owner, revision, file_bytes, database_bytes,
        max(at) over (partition by address order by revision) as at
      from (select address, owner, revision, at, file_bytes, database_bytes from known
        union all select address, owner, revision, at, file_bytes, database_bytes from step) both_of_them
    ),
    span as (select *, lead(at) over (partition by address order by revision) as until from moment)
    insert into usage (address, owner, at, file_bytes, database_bytes, file_byte_ms, database_byte_ms)
    select address, owner, max(coalesce(until, at)),
      coalesce(sum(file_bytes) filter (where until is null), 0), coalesce(sum(database_bytes) filter (where until is null), 0),
      coalesce(sum((until - at)::numeric * file_bytes), 0), coalesce(sum((until - at)::numeric * database_bytes), 0)
    from span group by address, owner
    on conflict (address, owner) do update set
      at = excluded.at, file_bytes = excluded.file_bytes, database_bytes = excluded.database_bytes,
      file_byte_ms = usage.file_byte_ms + excluded.file_byte_ms,
      database_byte_ms = usage.database_byte_ms + excluded.database_byte_ms`;
}

/** A row as it is read; sums may be longer than numbers are. */
interface UsageRow {
  readonly name: string;
  readonly sums: readonly string[];
}

function readQuery({ root, at, after, limit }: UsagePlan, name: ReturnType<typeof sql>) {
  const range = root === "" ? undefined : rangeBelow(root);
  const where =
    range === undefined
      ? sql`true`
      : sql`(address = ${root} or (address > ${range.after} and address < ${range.before}))`;
  const lasting = (column: string) =>
    sql`sum(${sql.ref(`${column}_byte_ms`)} + greatest(${at}::bigint - at, 0)::numeric * ${sql.ref(`${column}_bytes`)})::text`;
  return sql<UsageRow>`
    select name, array[sum(network_in)::text, sum(network_out)::text, sum(cpu_us)::text, sum(messages)::text,
      sum(file_bytes)::text, sum(database_bytes)::text, ${lasting("file")}, ${lasting("database")}] as sums
    from (select ${name} collate "C" as name, usage.* from usage where ${where}) one
    where ${after === undefined ? sql`true` : sql`name > ${after}`}
    group by name order by name limit ${limit}`;
}

/** The address of what lies in the root and has a row in it; of the root's own row, its address. */
function childOf(root: string) {
  if (root === "") return sql`split_part(address, ':', 1)`;
  const rest = sql`substr(address, ${root.length + 1}::int)`;
  return sql`${root}::text || coalesce(substring(${rest} from '^(:/[^/]+/?|:[^:/]+|[^:/][^/]*/?)'), '')`;
}

function partOf({ name, sums }: UsageRow): UsagePart {
  const [networkIn = 0n, networkOut = 0n, cpuUs = 0n, messages = 0n, ...levels] = sums.map(BigInt);
  const [fileBytes = 0n, databaseBytes = 0n, fileByteMs = 0n, databaseByteMs = 0n] = levels;
  const usage = { networkIn, networkOut, cpuUs, messages, fileBytes, databaseBytes, fileByteMs, databaseByteMs };
  return { name, usage };
}
