import { type Database, migrate, type Schema } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import type { AlertKind, AlertSink, AlertSinkState, Incident } from "./alerts.ts";
import { ALERT_TRIES_MAX, ALERTS_KEPT_MS, INCIDENTS_SHOWN } from "./limits.ts";

/** What alerts keep in the database of a registry. */
export const ALERTS_SCHEMA: Schema = {
  migrations: [
    {
      name: "alerts-0001-alerts",
      up: async (kysely) => {
        await sql`create table alert_sink (name text collate "C" primary key, url text not null, kinds json not null, secret text not null)`.execute(
          kysely,
        );
        await sql`
          create table incident (
            id bigint primary key, kind text not null, subject text not null, text text not null, since bigint not null, until bigint
          )`.execute(kysely);
        await sql`create unique index incident_open on incident (kind, subject) where until is null`.execute(kysely);
        await sql`
          create table alert_delivery (
            id text collate "C" primary key, sink text collate "C" not null references alert_sink (name) on delete cascade,
            at bigint not null, due bigint, tries int not null, error text not null, body text not null
          )`.execute(kysely);
        await sql`create index alert_delivery_due on alert_delivery (due)`.execute(kysely);
      },
    },
  ],
  tables: [
    { name: "alert_sink", order: "name", since: "alerts-0001-alerts" },
    { name: "incident", order: "id", since: "alerts-0001-alerts" },
    { name: "alert_delivery", order: "id", since: "alerts-0001-alerts" },
  ],
};

/** A delivery that is due. `due` of one that came, or was given up, is null. */
export interface Delivery {
  readonly id: string;
  readonly sink: string;
  readonly url: string;
  readonly secret: string;
  readonly body: string;
  readonly tries: number;
}

/** Where alerts are kept. */
export interface AlertRecords {
  /** Opens an incident; undefined where it is open already. */
  open(incident: Omit<Incident, "id">): Promise<number | undefined>;
  /** Ends it; undefined where none is open. */
  end(kind: AlertKind, subject: string, now: number): Promise<Incident | undefined>;
  incidents(): Promise<readonly Incident[]>;
  /** False where there is one of that name. */
  add(sink: AlertSink & { readonly secret: string }): Promise<boolean>;
  sinks(): Promise<readonly (AlertSinkState & { readonly secret: string })[]>;
  remove(name: string): Promise<boolean>;
  queue(
    deliveries: readonly { readonly id: string; readonly sink: string; readonly body: string }[],
    now: number,
  ): Promise<void>;
  due(now: number, limit: number): Promise<readonly Delivery[]>;
  nextDue(): Promise<number | undefined>;
  /** Writes down how a try went; `due` null ends it. */
  tried(id: string, how: { readonly due: number | null; readonly error: string }): Promise<void>;
  /** Forgets what ended long ago. */
  sweep(now: number): Promise<void>;
}

/** Opens them, and makes their tables where they are missing. */
export async function openAlertRecords(database: Database): Promise<AlertRecords> {
  await migrate(database, ALERTS_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  return { ...incidentRecords(kysely), ...sinkRecords(kysely), ...deliveryRecords(kysely) };
}

function incidentRecords(kysely: Kysely<unknown>): Pick<AlertRecords, "open" | "end" | "incidents" | "sweep"> {
  return {
    open: async ({ kind, subject, text, since }) => {
      const { rows } = await sql<{ id: string }>`
        insert into incident (id, kind, subject, text, since)
        values ((select coalesce(max(id), 0) + 1 from incident), ${kind}, ${subject}, ${text}, ${since}::bigint)
        on conflict (kind, subject) where until is null do nothing returning id::text as id`.execute(kysely);
      return rows[0] && Number(rows[0].id);
    },
    end: async (kind, subject, now) => {
      const { rows } = await sql<IncidentRow>`
        update incident set until = ${now}::bigint where kind = ${kind} and subject = ${subject} and until is null
        returning id::text as id, kind, subject, text, since::text as since, until::text as until`.execute(kysely);
      return rows[0] && readIncident(rows[0]);
    },
    incidents: async () => {
      const { rows } = await sql<IncidentRow>`
        select id::text as id, kind, subject, text, since::text as since, until::text as until from incident
        order by until is not null, incident.id desc limit ${INCIDENTS_SHOWN}`.execute(kysely);
      return rows.map(readIncident);
    },
    sweep: async (now) => {
      await sql`delete from incident where until < ${now - ALERTS_KEPT_MS}::bigint`.execute(kysely);
      await sql`delete from alert_delivery where due is null and at < ${now - ALERTS_KEPT_MS}::bigint`.execute(kysely);
    },
  };
}

function sinkRecords(kysely: Kysely<unknown>): Pick<AlertRecords, "add" | "sinks" | "remove"> {
  return {
    add: async ({ name, url, kinds, secret }) => {
      const { numAffectedRows = 0n } = await sql`
        insert into alert_sink (name, url, kinds, secret) values (${name}, ${url}, ${JSON.stringify(kinds)}::json, ${secret})
        on conflict do nothing`.execute(kysely);
      return numAffectedRows > 0n;
    },
    sinks: async () => {
      const { rows } = await sql<SinkRow>`
        select name, url, kinds, secret,
          (select count(*)::text from alert_delivery where sink = name and due is not null) as waiting,
          (select count(*)::text from alert_delivery where sink = name and due is null and error = '') as delivered,
          (select count(*)::text from alert_delivery where sink = name and due is null and error <> '') as dead,
          coalesce((select error from alert_delivery where sink = name and error <> '' order by at desc, id desc limit 1), '') as error
        from alert_sink order by name`.execute(kysely);
      return rows.map(({ waiting, delivered, dead, error, ...sink }) => ({
        ...sink,
        ...{ waiting: Number(waiting), delivered: Number(delivered), dead: Number(dead), lastError: error },
      }));
    },
    remove: async (name) => {
      const { numAffectedRows = 0n } = await sql`delete from alert_sink where name = ${name}`.execute(kysely);
      return numAffectedRows > 0n;
    },
  };
}

function deliveryRecords(kysely: Kysely<unknown>): Pick<AlertRecords, "queue" | "due" | "nextDue" | "tried"> {
  return {
    queue: async (deliveries, now) => {
      for (const { id, sink, body } of deliveries)
        await sql`
          insert into alert_delivery (id, sink, at, due, tries, error, body)
          values (${id}, ${sink}, ${now}::bigint, ${now}::bigint, 0, '', ${body}) on conflict do nothing`.execute(
          kysely,
        );
    },
    due: async (now, limit) => {
      const { rows } = await sql<Delivery>`
        select id, sink, url, secret, body, tries from alert_delivery join alert_sink on name = sink
        where due <= ${now}::bigint and tries < ${ALERT_TRIES_MAX} order by due limit ${limit}`.execute(kysely);
      return rows;
    },
    nextDue: async () => {
      const { rows } = await sql<{ due: string | null }>`select min(due)::text as due from alert_delivery`.execute(
        kysely,
      );
      const due = rows[0]?.due;
      return due === null || due === undefined ? undefined : Number(due);
    },
    tried: async (id, { due, error }) => {
      await sql`update alert_delivery set tries = tries + 1, due = ${due}::bigint, error = ${error} where id = ${id}`.execute(
        kysely,
      );
    },
  };
}

type IncidentRow = Readonly<Record<"id" | "subject" | "text" | "since", string>> & {
  readonly kind: AlertKind;
  readonly until: string | null;
};
type SinkRow = AlertSink & Readonly<Record<"secret" | "waiting" | "delivered" | "dead" | "error", string>>;

function readIncident({ id, kind, subject, text, since, until }: IncidentRow): Incident {
  return { id: Number(id), kind, subject, text, since: Number(since), ...(until !== null && { until: Number(until) }) };
}
