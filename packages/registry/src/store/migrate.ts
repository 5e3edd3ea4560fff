import { OrreryError } from "@orrery/core";
import { type Kysely, sql } from "kysely";
import type { Database, Tables } from "./database.ts";
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
  return kysely.transaction().execute((transaction) => migrateWithin(transaction, steps));
}

/** The same within a transaction, at whose end it counts. Gives the steps that it took. */
export async function migrateWithin(
  within: Kysely<Tables>,
  steps: readonly Migration[] = MIGRATIONS,
): Promise<readonly string[]> {
  const transaction = within as unknown as Kysely<unknown>;
  await sql`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(transaction);
  await sql`create table if not exists migration (name text primary key)`.execute(transaction);
  const taken = await stepsTaken(within);
  const newer = newerStep(taken, steps);
  if (newer !== undefined)
    throw new OrreryError(
      "failed_precondition",
      `Cannot open the registry: its database has step "${newer}", which this version does not know, run a newer one`,
    );
  const left = steps.filter(({ name }) => !taken.includes(name));
  for (const { name, up } of left) {
    await up(transaction);
    await sql`insert into migration (name) values (${name})`.execute(transaction);
  }
  return left.map(({ name }) => name);
}

/** The steps that led to a schema, in order. */
export async function stepsTaken(transaction: Kysely<Tables>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from migration order by name collate "C"`.execute(
    transaction,
  );
  return rows.map(({ name }) => name);
}

/** The first step of a schema that this program does not know, of the families that it knows. */
export function newerStep(taken: readonly string[], steps: readonly Migration[] = MIGRATIONS): string | undefined {
  const families = new Set(steps.map(({ name }) => familyOf(name)));
  return taken.find((name) => families.has(familyOf(name)) && steps.every((step) => step.name !== name));
}

/** The first step that is of no family that this program knows. */
export function foreignStep(taken: readonly string[], steps: readonly Migration[]): string | undefined {
  const families = new Set(steps.map(({ name }) => familyOf(name)));
  return taken.find((name) => !families.has(familyOf(name)));
}

/** Whose steps are counted together: the word before the number; none for those of the registry. */
function familyOf(name: string): string {
  return name.match(/^([a-z]+)-\d/)?.[1] ?? "";
}
