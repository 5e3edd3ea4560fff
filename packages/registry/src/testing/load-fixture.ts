import { readFileSync } from "node:fs";
import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { migrateWithin } from "../store/migrate.ts";
import { MIGRATIONS } from "../store/migrations.ts";
import { tablesOf, writeRows } from "../store/table-rows.ts";

/** What a registry of an older schema kept. */
export interface Fixture {
  readonly key: { readonly id: string; readonly bytes: Uint8Array };
  readonly rows: readonly { readonly table: string; readonly row: Readonly<Record<string, unknown>> }[];
}

/** Where the fixture of a schema is. */
export function fixtureFile(step: string): URL {
  return new URL(`./schemas/${step}.jsonl`, import.meta.url);
}

/** Reads the fixture of a schema. */
export function readFixture(step: string): Fixture {
  const [first = "", ...lines] = readFileSync(fixtureFile(step), "utf8").trim().split("\n");
  const { key, bytes } = JSON.parse(first) as { key: string; bytes: string };
  return { key: { id: key, bytes: Buffer.from(bytes, "base64") }, rows: lines.map((line) => JSON.parse(line)) };
}

/** Makes the schema of a step, with what its fixture has. */
export async function loadFixture({ kysely }: Database, step: string): Promise<Fixture> {
  const fixture = readFixture(step);
  await kysely.transaction().execute(async (transaction) => {
    await migrateWithin(transaction, MIGRATIONS.slice(0, MIGRATIONS.findIndex(({ name }) => name === step) + 1));
    for (const { name } of tablesOf(MIGRATIONS.map(({ name }) => name)).filter(({ since = "" }) => since <= step))
      await sql`delete from ${sql.table(name)}`.execute(transaction);
    for (const { table, row } of fixture.rows) await writeRows(transaction, table, [JSON.stringify(row)]);
  });
  return fixture;
}
