import { type Kysely, sql } from "kysely";
import type { Tables } from "./database.ts";

/** A file of kinds, as it came. */
export interface KindFile {
  /** What it was called. */
  readonly name: string;
  readonly content: string;
}

/** Reads the file that a registry keeps; undefined where none was ever taken. */
export async function readKindFile(kysely: Kysely<Tables>): Promise<KindFile | undefined> {
  return kysely.selectFrom("kind_file").select(["name", "content"]).executeTakeFirst();
}

/** Puts a file in the place of the one that is kept. */
export async function writeKindFile(kysely: Kysely<Tables>, { name, content }: KindFile): Promise<void> {
  await sql`
    insert into kind_file (id, name, content) values (1, ${name}, ${content})
    on conflict (id) do update set name = excluded.name, content = excluded.content`.execute(kysely);
}

/** Kinds of resources that are none of the known ones, each with how many there are, and one of them. */
export async function strayKinds(
  kysely: Kysely<Tables>,
  known: readonly string[],
): Promise<readonly { readonly kind: string; readonly count: number; readonly address: string }[]> {
  const { rows } = await sql<{ kind: string; count: string; address: string }>`
    select kind, count(*) as count, min(address) as address from resource
    where kind <> all(${known}::text[]) group by kind order by kind`.execute(kysely);
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** Lets nobody write to a registry before the transaction ends. */
export async function holdWrites(transaction: Kysely<Tables>): Promise<void> {
  await sql`select revision from registry where id = 1 for update`.execute(transaction);
}
