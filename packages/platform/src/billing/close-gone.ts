import type { Database } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import type { Billing } from "./billing.ts";

/**
 * Ends the bills of Spaces that are gone, whoever removed them: nobody pays for what is not there. A bill is made after its Space, and both are asked of the database in one question, so that
 * none is taken for gone that is only not known here yet.
 */
export async function closeGone(database: Database, billing: Pick<Billing, "close">): Promise<void> {
  const kysely = database.kysely as unknown as Kysely<unknown>;
  const { rows } = await sql<{ space: string }>`
    select space from subscription one
    where one.body ->> 'standing' <> 'removed' and one.body ->> 'isClosed' is null
      and not exists (select 1 from resource where address = one.space)
    order by space`.execute(kysely);
  for (const { space } of rows) await billing.close(space);
}
