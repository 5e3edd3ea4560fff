import { type Database, migrate } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import type { Invite, Invites } from "./invites.ts";
import { SPACE_INVITES_MAX } from "./limits.ts";
import { SIGNUP_SCHEMA } from "./sql-signups.ts";

/** Opens the invites in the database of a registry, and makes their table where it is missing. */
export async function openInvites(database: Database): Promise<Invites> {
  await migrate(database, SIGNUP_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  return {
    get: async (space, email) => {
      const { rows } = await sql<Row>`
        select space, email, agent, at::text as at, until::text as until from invite
        where space = ${space} and email = ${email}`.execute(kysely);
      return rows[0] && readRow(rows[0]);
    },
    put: async ({ space, email, by, at, until }) => {
      await sql`
        insert into invite (space, email, agent, at, until)
        values (${space}, ${email}, ${by}, ${at}::bigint, ${until}::bigint)
        on conflict (space, email) do update
        set agent = excluded.agent, at = excluded.at, until = excluded.until`.execute(kysely);
    },
    drop: async (space, email) => {
      const { numAffectedRows = 0n } = await sql`
        delete from invite where space = ${space} and email = ${email}`.execute(kysely);
      return numAffectedRows > 0n;
    },
    list: async (space) => {
      const { rows } = await sql<Row>`
        select space, email, agent, at::text as at, until::text as until from invite
        where space = ${space} order by email limit ${SPACE_INVITES_MAX}`.execute(kysely);
      return rows.map(readRow);
    },
    sweep: async (now) => {
      await sql`delete from invite where until <= ${now}::bigint`.execute(kysely);
    },
  };
}

interface Row {
  readonly space: string;
  readonly email: string;
  readonly agent: string;
  readonly at: string;
  readonly until: string;
}

function readRow({ space, email, agent, at, until }: Row): Invite {
  return { space, email, by: agent, at: Number(at), until: Number(until) };
}
