import { OrreryError } from "@orrery/core";
import { type Database, migrate, type Schema } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import type { Audit, AuditCheck, AuditEntry, AuditFact } from "./audit.ts";
import { AUDIT_BATCH_MAX, AUDIT_CHECK_PAGE, AUDIT_PAGE_MAX, AUDIT_WAITING_MAX } from "./limits.ts";
import { auditHash } from "./system-audit-hash.ts";

/** What the audit keeps in the database of a registry. */
export const AUDIT_SCHEMA: Schema = {
  migrations: [
    {
      name: "audit-0001-entries",
      up: async (kysely) => {
        await sql`
          create table audit (
            number bigint primary key, at bigint not null, actor text collate "C" not null, act text not null,
            target text not null, outcome text not null, hash text not null
          )`.execute(kysely);
        await sql`create index audit_actor on audit (actor, number)`.execute(kysely);
      },
    },
  ],
  tables: [{ name: "audit", order: "number", since: "audit-0001-entries" }],
};

type Waiting = { readonly fact: AuditFact } & PromiseWithResolvers<void>;

/** Opens the audit in the database of a registry, and makes its table where it is missing. Acts that end together are written together. */
export async function openAudit(database: Database): Promise<Audit> {
  await migrate(database, AUDIT_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  const waiting: Waiting[] = [];
  let isWriting = false;
  const write = async () => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, AUDIT_BATCH_MAX);
      await append(
        kysely,
        batch.map(({ fact }) => fact),
      ).then(
        () => batch.forEach(({ resolve }) => void resolve()),
        (error: unknown) => batch.forEach(({ reject }) => void reject(error)),
      );
    }
    isWriting = false;
  };
  return {
    append: (fact) => {
      if (waiting.length >= AUDIT_WAITING_MAX)
        throw new OrreryError(
          "resource_exhausted",
          `Cannot write down "${fact.act}": ${AUDIT_WAITING_MAX} acts wait already`,
        );
      const one = { fact, ...Promise.withResolvers<void>() };
      waiting.push(one);
      if (!isWriting) void write();
      return one.promise;
    },
    list: async ({ below, since, actor, limit }) => {
      const { rows } = await sql<Row>`
        select number::text as number, at::text as at, actor, act, target, outcome, hash from audit
        where (${below ?? null}::bigint is null or number < ${below ?? null}::bigint)
          and (${since ?? null}::bigint is null or at >= ${since ?? null}::bigint)
          and (${actor ?? null}::text is null or actor = ${actor ?? null}::text)
        order by audit.number desc limit ${Math.min(limit, AUDIT_PAGE_MAX)}`.execute(kysely);
      return rows.map(readRow);
    },
    check: () => check(kysely),
  };
}

/** Other platforms may write to the table too: one after the other, so that numbers have no gaps. */
async function append(kysely: Kysely<unknown>, facts: readonly AuditFact[]): Promise<void> {
  await kysely.transaction().execute(async (transaction) => {
    await sql`lock table audit in exclusive mode`.execute(transaction);
    const { rows } = await sql<{ number: string; hash: string }>`
      select number::text as number, hash from audit order by audit.number desc limit 1`.execute(transaction);
    let [number, hash] = [Number(rows[0]?.number ?? 0), rows[0]?.hash ?? ""];
    const entries = facts.map((fact) => {
      number += 1;
      hash = auditHash(hash, { ...fact, number });
      return { ...fact, number, hash };
    });
    await sql`
      insert into audit select * from json_to_recordset(${JSON.stringify(entries)}::json)
      as entry(number bigint, at bigint, actor text, act text, target text, outcome text, hash text)`.execute(
      transaction,
    );
  });
}

async function check(kysely: Kysely<unknown>): Promise<AuditCheck> {
  let [number, head] = [0, ""];
  for (;;) {
    const { rows } = await sql<Row>`
      select number::text as number, at::text as at, actor, act, target, outcome, hash from audit
      where number > ${number}::bigint order by audit.number limit ${AUDIT_CHECK_PAGE}`.execute(kysely);
    for (const entry of rows.map(readRow)) {
      const isNext = entry.number === number + 1;
      if (!isNext || entry.hash !== auditHash(head, entry)) return { entries: number, head, broken: number + 1 };
      [number, head] = [entry.number, entry.hash];
    }
    if (rows.length < AUDIT_CHECK_PAGE) return { entries: number, head };
  }
}

type Row = Readonly<Record<"number" | "at" | "actor" | "act" | "target" | "outcome" | "hash", string>>;

function readRow({ number, at, ...texts }: Row): AuditEntry {
  return { number: Number(number), at: Number(at), ...texts };
}
