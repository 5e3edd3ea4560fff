// The same work as a registry's, as one would write it by hand: SQL through the driver, one transaction for each write.
import { EventEmitter } from "node:events";
import { type Database, parentText } from "@orrery/registry";
import { sql } from "kysely";
import type { Subject } from "./subject.ts";

interface Row {
  readonly address: string;
  readonly kind: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly revision: number;
}

async function makeTables(kysely: Database["kysely"]): Promise<void> {
  await sql`drop table if exists hand_counter, hand_resource, hand_change`.execute(kysely);
  await sql`create table hand_counter (id int primary key, revision bigint not null)`.execute(kysely);
  await sql`insert into hand_counter values (1, 0)`.execute(kysely);
  await sql`create table hand_resource (address text collate "C" primary key, parent text collate "C" not null, kind text not null, body json not null)`.execute(
    kysely,
  );
  await sql`create index hand_parent on hand_resource (parent, address)`.execute(kysely);
  await sql`create table hand_change (revision bigint primary key, address text not null, body json not null)`.execute(
    kysely,
  );
}

/** Makes tables and statements by hand over a database. Changes are counted in one row, so that they have one order, as a registry's. */
export async function openByHand({ kysely }: Database): Promise<Subject> {
  await makeTables(kysely);
  const told = new EventEmitter();

  const write = (make: (revision: number) => Row, ifRevision?: number) =>
    kysely.transaction().execute(async (transaction) => {
      const counted = await sql<{
        revision: number;
      }>`update hand_counter set revision = revision + 1 where id = 1 returning revision`.execute(transaction);
      const revision = Number(counted.rows[0]?.revision);
      const row = make(revision);
      const body = JSON.stringify(row);
      if (ifRevision === undefined)
        await sql`insert into hand_resource values (${row.address}, ${parentText(row.address)}, ${row.kind}, ${body}::json)`.execute(
          transaction,
        );
      else {
        const { numAffectedRows } = await sql`
          update hand_resource set body = ${body}::json
          where address = ${row.address} and (body->>'revision')::bigint = ${ifRevision}::bigint`.execute(transaction);
        if (numAffectedRows !== 1n) throw new Error("another revision");
      }
      await sql`insert into hand_change values (${revision}::bigint, ${row.address}, ${body}::json)`.execute(
        transaction,
      );
      return row;
    });

  return {
    create: async (address) => {
      told.emit(
        "change",
        await write((revision) => ({ address, kind: "Base", properties: {}, owner: "operator", revision })),
      );
    },
    get: async (address) => {
      const { rows } = await sql<{ body: Row }>`select body from hand_resource where address = ${address}`.execute(
        kysely,
      );
      return rows[0]?.body.revision ?? 0;
    },
    list: async (parent) => {
      const { rows } = await sql<{
        body: Row;
      }>`select body from hand_resource where parent = ${parent} order by address limit 100`.execute(kysely);
      return rows.length;
    },
    update: async (address, title, ifRevision) => {
      const row = await write(
        (revision) => ({ address, kind: "Base", properties: { title }, owner: "operator", revision }),
        ifRevision,
      );
      told.emit("change", row);
      return row.revision;
    },
    watch: (seen) => {
      told.on("change", seen);
      return () => void told.off("change", seen);
    },
    close: async () => {},
  };
}
