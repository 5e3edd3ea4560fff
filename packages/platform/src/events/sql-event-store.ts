import { type Database, migrate } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import type { Appended, Entry, EventLogs, EventStore, LogHead, LogName, NewEntry, Trim } from "./event-store.ts";
import { sqlRecords } from "./sql-records.ts";
import { EVENTS_SCHEMA } from "./sql-steps.ts";
import { withinBytes } from "./within-bytes.ts";

/** Options of `openSqlEventStore`. */
export interface SqlEventStoreOptions {
  /** Nobody closes it but you. */
  readonly database: Database;
  /** Whether others write to the same database. Default: false. */
  readonly isShared?: boolean;
}

/** The channel by which those who share a database tell each other. */
const CHANNEL = "orrery_events";
/** Entries that one step of a trim looks at. */
const TRIM_STEP = 1_000;

/** Keeps events in a PostgreSQL, in tables of their own, which it makes. */
export async function openSqlEventStore(options: SqlEventStoreOptions): Promise<EventStore> {
  const { database, isShared = false } = options;
  const kysely = database.kysely as unknown as Kysely<unknown>;
  await migrate(database, EVENTS_SCHEMA.migrations);
  const { listen } = database;
  return {
    logs: sqlLogs(kysely, isShared),
    records: sqlRecords(kysely),
    isShared,
    spaces: async () => {
      const { rows } = await sql<{
        space: number;
      }>`select space from event_record union select space from event_log`.execute(kysely);
      return rows.map(({ space }) => Number(space));
    },
    drop: (space, topic) => drop(kysely, { space, topic }),
    ...(listen !== undefined && isShared && { listen: (wake) => listen(CHANNEL, (text) => wake(parseNotice(text))) }),
    [Symbol.asyncDispose]: async () => {},
  };
}

function parseNotice(text: string): LogName | undefined {
  const [, space, topic] = /^(\d+) (.+)$/.exec(text) ?? [];
  return topic === undefined ? undefined : { space: Number(space), topic };
}

async function drop(kysely: Kysely<unknown>, { space, topic }: { space: number; topic: string | undefined }) {
  const where = topic === undefined ? sql`space = ${space}` : sql`space = ${space} and topic = ${topic}`;
  await kysely.transaction().execute(async (transaction) => {
    await sql`delete from event_record where ${where}`.execute(transaction);
    await sql`delete from event_entry where ${where}`.execute(transaction);
    await sql`delete from event_log where ${where}`.execute(transaction);
  });
}

function sqlLogs(kysely: Kysely<unknown>, isShared: boolean): EventLogs {
  return {
    append: (log, entries) =>
      kysely.transaction().execute((transaction) => append(transaction, { log, entries, isShared })),
    read: async (log, { from, limit }) => {
      const { rows } = await sql<Row>`
        select ${COLUMNS} from event_entry
        where ${isOf(log)} and at_offset >= ${from} order by at_offset limit ${limit}`.execute(kysely);
      return withinBytes(rows.map(entryOf));
    },
    pick: async (log, offsets) => {
      const { rows } = await sql<Row>`
        select ${COLUMNS} from event_entry
        where ${isOf(log)} and at_offset = any(${[...offsets]}::bigint[]) order by at_offset`.execute(kysely);
      return rows.map(entryOf);
    },
    head: async (log) => {
      const { rows } = await sql<Record<keyof LogHead, number | null>>`
        select next, entries, bytes, (select min(at_offset) from event_entry where ${isOf(log)}) as first
        from event_log where ${isOf(log)}`.execute(kysely);
      const [row] = rows;
      const next = Number(row?.next ?? 1);
      return {
        next,
        first: Number(row?.first ?? next),
        entries: Number(row?.entries ?? 0),
        bytes: Number(row?.bytes ?? 0),
      };
    },
    find: async (log, at) => {
      const { rows } = await sql<{ found: number | null }>`
        select coalesce(
          (select min(at_offset) from event_entry where ${isOf(log)} and at >= ${at}), next
        ) as found from event_log where ${isOf(log)}`.execute(kysely);
      return Number(rows[0]?.found ?? 1);
    },
    trim: async (log, what) => {
      for (let isDone = false; !isDone; )
        isDone = await kysely.transaction().execute((transaction) => trimStep(transaction, log, what));
    },
  };
}

interface Row {
  readonly at_offset: number;
  readonly id: string;
  readonly at: number;
  readonly note: string;
  readonly body: Uint8Array;
}

const COLUMNS = sql`at_offset, id, at, note, body`;

function entryOf({ at_offset, id, at, note, body }: Row): Entry {
  return { offset: Number(at_offset), id, at: Number(at), note, body: new Uint8Array(body) };
}

function isOf({ space, topic }: LogName) {
  return sql`space = ${space} and topic = ${topic}`;
}

interface Appending {
  readonly log: LogName;
  readonly entries: readonly NewEntry[];
  readonly isShared: boolean;
}

/** Writes within a transaction that ends at once: until then nobody else writes to the log. */
async function append(
  transaction: Kysely<unknown>,
  { log, entries, isShared }: Appending,
): Promise<readonly Appended[]> {
  const { rows } = await sql<{ next: number; last_at: number }>`
    insert into event_log (space, topic) values (${log.space}, ${log.topic})
    on conflict (space, topic) do update set next = event_log.next returning next, last_at`.execute(transaction);
  const { next, last_at } = rows[0] as (typeof rows)[number];
  const known = await sql<{ id: string; at_offset: number }>`
    select id, at_offset from event_entry
    where ${isOf(log)} and id = any(${entries.map((entry) => entry.id)}::text[])`.execute(transaction);
  const offsets = new Map(known.rows.map((row) => [row.id, Number(row.at_offset)]));
  const fresh: Entry[] = [];
  const done = entries.map((entry): Appended => {
    const offset = offsets.get(entry.id);
    if (offset !== undefined) return { offset, isNew: false };
    const at = Math.max(entry.at, fresh.at(-1)?.at ?? Number(last_at));
    const added = { ...entry, at, offset: Number(next) + fresh.length };
    fresh.push(added);
    offsets.set(entry.id, added.offset);
    return { offset: added.offset, isNew: true };
  });
  if (fresh.length > 0) await insert(transaction, log, fresh);
  if (isShared) await sql`select pg_notify(${CHANNEL}, ${`${log.space} ${log.topic}`})`.execute(transaction);
  return done;
}

async function insert(transaction: Kysely<unknown>, log: LogName, fresh: readonly Entry[]): Promise<void> {
  const sizes = fresh.map(({ body, note, id }) => body.length + note.length + id.length);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const bodies = fresh.map(({ body }) => Buffer.from(body).toString("base64"));
  await sql`
    insert into event_entry (space, topic, at_offset, id, at, note, body, size)
    select ${log.space}::bigint, ${log.topic}, at_offset, id, at, note, decode(body, 'base64'), size
    from unnest(${fresh.map(({ offset }) => offset)}::bigint[], ${fresh.map(({ id }) => id)}::text[],
      ${fresh.map(({ at }) => at)}::bigint[], ${fresh.map(({ note }) => note)}::text[], ${bodies}::text[], ${sizes}::int[])
      as one (at_offset, id, at, note, body, size)`.execute(transaction);
  await sql`
    update event_log set next = next + ${fresh.length}, entries = entries + ${fresh.length}, bytes = bytes + ${bytes},
      last_at = ${fresh.at(-1)?.at ?? 0}
    where ${isOf(log)}`.execute(transaction);
}

/** Takes some of the oldest that need not be kept; tells whether none are left. */
async function trimStep(transaction: Kysely<unknown>, log: LogName, what: Trim): Promise<boolean> {
  const { rows } = await sql<{ bytes: number }>`
    select bytes from event_log where ${isOf(log)} for update`.execute(transaction);
  const [head] = rows;
  if (head === undefined) return true;
  const { before = 0, offsets = [], bytesMax } = what;
  const excess = bytesMax === undefined ? 0 : Math.max(0, Number(head.bytes) - bytesMax);
  const gone = await sql<{ count: number; bytes: number | null }>`
    with oldest as (
      select at_offset, sum(size) over (order by at_offset) - size as freed
      from (select at_offset, size from event_entry where ${isOf(log)} order by at_offset limit ${TRIM_STEP}) first_ones
    ), gone as (
      delete from event_entry where ${isOf(log)} and (
        at_offset = any(${[...offsets]}::bigint[])
        or at_offset in (select at_offset from oldest where at_offset < ${before} or freed < ${excess})
      ) returning size
    )
    select count(*) as count, sum(size) as bytes from gone`.execute(transaction);
  const [count, bytes] = [Number(gone.rows[0]?.count ?? 0), Number(gone.rows[0]?.bytes ?? 0)];
  if (count === 0) return true;
  await sql`update event_log set entries = entries - ${count}, bytes = bytes - ${bytes} where ${isOf(log)}`.execute(
    transaction,
  );
  return count < TRIM_STEP;
}
