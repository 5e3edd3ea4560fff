import { OrreryError } from "@orrery/core";
import { type Kysely, sql } from "kysely";
import type { Database } from "./database.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";

/** Any number that nobody else uses: who migrates holds the advisory lock of it. */
const LOCK = 0x0aae;

/**
 * Brings a database to the newest schema, step by step, all in one transaction; does nothing where it is there already. Two that do it
 * at once do it one after the other.
 * @throws OrreryError `failed_precondition` where the database is newer than this program
 */
export async function migrate(
  { kysely }: Pick<Database, "kysely">,
  steps: readonly Migration[] = MIGRATIONS,
): Promise<readonly string[]> {
  return (kysely as unknown as Kysely<unknown>).transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(transaction);
    await sql`create table if not exists migration (name text primary key)`.execute(transaction);
    const { rows } = await sql<{ name: string }>`select name from migration order by name`.execute(transaction);
    const known = new Set(steps.map(({ name }) => name));
    const newer = rows.find(({ name }) => !known.has(name));
    if (newer !== undefined)
      throw new OrreryError(
        "failed_precondition",
        `Cannot open the registry: its database has step "${newer.name}", which this version does not know, run a newer one`,
      );
    const done = new Set(rows.map(({ name }) => name));
    const left = steps.filter(({ name }) => !done.has(name));
    for (const { name, up } of left) {
      await up(transaction);
      await sql`insert into migration (name) values (${name})`.execute(transaction);
    }
    return left.map(({ name }) => name);
  });
}
