import { type Database, migrate, type Schema } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import { nextMoment, type Signup } from "./signup.ts";
import type { SignupRecords } from "./signup-records.ts";

/** What signups keep in the database of a registry. */
export const SIGNUP_SCHEMA: Schema = {
  migrations: [
    {
      name: "signup-0001-signups",
      up: async (kysely) => {
        await sql`
          create table signup (
            id text collate "C" primary key, email text collate "C" not null, space text collate "C" not null,
            at bigint not null, due bigint not null, body json not null
          )`.execute(kysely);
        await sql`create index signup_due on signup (due)`.execute(kysely);
        await sql`create index signup_email on signup (email, at)`.execute(kysely);
      },
    },
    {
      name: "signup-0002-invites",
      up: async (kysely) => {
        await sql`
          create table invite (
            space text collate "C" not null, email text collate "C" not null, agent text not null,
            at bigint not null, until bigint not null, primary key (space, email)
          )`.execute(kysely);
      },
    },
  ],
  tables: [
    { name: "signup", order: "id", since: "signup-0001-signups" },
    { name: "invite", order: "space, email", since: "signup-0002-invites" },
  ],
};

/** Opens the signups in the database of a registry, and makes their table where it is missing. */
export async function openSignupRecords(database: Database): Promise<SignupRecords> {
  await migrate(database, SIGNUP_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  return {
    get: (id) => read(kysely, id),
    add: async (signup) => {
      const { id, email, at } = signup;
      await sql`
        insert into signup (id, email, space, at, due, body)
        values (${id}, ${email}, '', ${at}::bigint, ${nextMoment(signup)}::bigint, ${JSON.stringify(signup)}::json)`.execute(
        kysely,
      );
    },
    update: (id, change) =>
      kysely.transaction().execute(async (transaction) => {
        const before = await read(transaction, id, true);
        const after = before === undefined ? undefined : change(before);
        if (after === before || after === undefined) return before;
        if (after === null) {
          await sql`delete from signup where id = ${id}`.execute(transaction);
          return undefined;
        }
        const [space, due, body] = [after.order?.space ?? "", nextMoment(after), JSON.stringify(after)];
        await sql`
          update signup set space = ${space}, due = ${due}::bigint, body = ${body}::json where id = ${id}`.execute(
          transaction,
        );
        return after;
      }),
    due: async (until, limit) => {
      const { rows } = await sql<{ id: string }>`
        select id from signup where due <= ${until}::bigint order by due, id limit ${limit}`.execute(kysely);
      return rows.map(({ id }) => id);
    },
    nextDue: async () => {
      const { rows } = await sql<{ due: string | null }>`select min(due)::text as due from signup`.execute(kysely);
      const due = rows[0]?.due ?? null;
      return due === null ? undefined : Number(due);
    },
    count: async (email, since) => {
      const { rows } = await sql<{ whole: string; recent: string; first: string | null }>`
        select (select count(*) from signup)::text as whole, count(*)::text as recent, min(at)::text as first
        from signup where email = ${email} and at >= ${since}::bigint`.execute(kysely);
      const { whole = "0", recent = "0", first = null } = rows[0] ?? {};
      return { all: Number(whole), recent: Number(recent), ...(first !== null && { first: Number(first) }) };
    },
  };
}

async function read(kysely: Kysely<unknown>, id: string, isToChange = false): Promise<Signup | undefined> {
  const { rows } = await sql<{ body: string }>`
    select body::text as body from signup where id = ${id} ${isToChange ? sql`for update` : sql``}`.execute(kysely);
  return rows[0] && (JSON.parse(rows[0].body) as Signup);
}
