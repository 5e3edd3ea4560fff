import { type Kysely, sql } from "kysely";
import type { Database } from "./database.ts";

/**
 * Forgets what a registry counted and remembered of Spaces that are gone: usage, and answers to requests. Tells whether the history of changes still has
 * some of them: that goes by `compact` alone, as it has no gaps.
 */
export async function forgetGoneSpaces(database: Database): Promise<{ readonly isInHistory: boolean }> {
  const kysely = database.kysely as unknown as Kysely<unknown>;
  await sql`
    delete from usage one where ${spaceOf("address")} <> ''
      and not exists (select 1 from resource where address = ${spaceOf("one.address")})`.execute(kysely);
  await sql`
    delete from request one
    where not exists (select 1 from resource where address = ${spaceOf("one.address")})
      or (one.agent like '%:%' and not exists (select 1 from resource where address = ${spaceOf("one.agent")}))`.execute(
    kysely,
  );
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select 1 from change one where not exists (select 1 from resource where address = ${spaceOf("one.address")})
    ) as found`.execute(kysely);
  return { isInHistory: rows[0]?.found ?? false };
}

/** The first segment of an address in a column. */
function spaceOf(column: string) {
  return sql`split_part(${sql.ref(column)}, ':', 1)`;
}
