import { type Database, migrate, type Schema } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import { REFUSALS_KEPT_MS, REFUSALS_PAGE_MAX } from "./limits.ts";
import { dayOf, type MetLimit, type Refusal } from "./refusals.ts";

/** What is kept of what plans refused, in the database of a registry. */
export const REFUSALS_SCHEMA: Schema = {
  migrations: [
    {
      name: "refusals-0001-refusals",
      up: async (kysely) => {
        await sql`
          create table plan_refusal (
            space text collate "C" not null, met text collate "C" not null, day int not null, plan text not null, text text not null,
            since bigint not null, last bigint not null, times bigint not null, primary key (space, met, day)
          )`.execute(kysely);
        await sql`create index plan_refusal_last on plan_refusal (last)`.execute(kysely);
      },
    },
  ],
  tables: [{ name: "plan_refusal", order: "space, met, day", since: "refusals-0001-refusals" }],
};

/** Which refusals. */
export interface RefusalPage {
  /** Of one Space alone. Default: of all. */
  readonly space?: string;
  /** At most, and never more than 100. */
  readonly limit: number;
}

/** Where refusals are kept. */
export interface RefusalRecords {
  /** Adds to those of the same Space, limit and day, and forgets what is too old. */
  add(all: readonly Refusal[], now: number): Promise<void>;
  list(page: RefusalPage): Promise<readonly Refusal[]>;
}

/** Opens it, and makes its table where that is missing. Those of a Space go with it. */
export async function openRefusalRecords(database: Database): Promise<RefusalRecords> {
  await migrate(database, REFUSALS_SCHEMA.migrations);
  const kysely = database.kysely as unknown as Kysely<unknown>;
  return {
    add: async (all, now) => {
      for (const { space, limit, plan, text, since, last, times } of all)
        await sql`
          insert into plan_refusal as one (space, met, day, plan, text, since, last, times)
          values (${space}, ${limit}, ${dayOf(since)}, ${plan}, ${text}, ${since}::bigint, ${last}::bigint, ${times}::bigint)
          on conflict (space, met, day) do update set plan = excluded.plan, text = excluded.text, last = excluded.last,
            times = one.times + excluded.times`.execute(kysely);
      await sql`
        delete from plan_refusal
        where last < ${now - REFUSALS_KEPT_MS}::bigint or not exists (select 1 from resource where address = space)`.execute(
        kysely,
      );
    },
    list: async ({ space, limit }) => {
      const { rows } = await sql<RefusalRow>`
        select space, met, plan, text, since::text as since, last::text as last, times::text as times from plan_refusal
        where ${space === undefined ? sql`true` : sql`space = ${space}`}
        order by last desc, space, met limit ${Math.min(limit, REFUSALS_PAGE_MAX)}`.execute(kysely);
      return rows.map(({ since, last, times, met, ...rest }) => {
        return { ...rest, limit: met, since: Number(since), last: Number(last), times: Number(times) };
      });
    },
  };
}

type RefusalRow = Readonly<Record<"space" | "plan" | "text" | "since" | "last" | "times", string>> & {
  readonly met: MetLimit;
};
