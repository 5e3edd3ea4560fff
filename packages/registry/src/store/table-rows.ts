import { type Kysely, sql } from "kysely";
import type { Tables } from "./database.ts";

/** A table of a registry, and the order in which its rows are written down. */
export interface TableOrder {
  readonly name: string;
  readonly order: string;
  /** The step from which on it is there. Default: the first. */
  readonly since?: string;
  /** The keys that something in a row is closed with. Default: nothing is. */
  readonly keysOf?: (row: string) => Iterable<string>;
}

/** All tables with what a registry keeps, in every schema so far. A step that adds one names it here, and from which step on it is. */
export const TABLES: readonly TableOrder[] = [
  { name: "registry", order: "id" },
  { name: "resource", order: "address" },
  { name: "change", order: "revision" },
  { name: "request", order: 'agent collate "C", id collate "C"' },
  { name: "usage", order: "address, owner", since: "0004-usage" },
  { name: "usage_head", order: "id", since: "0004-usage" },
  { name: "kind_file", order: "id", since: "0005-kinds" },
];

/** Those of a schema that these steps led to. */
export function tablesOf(schema: readonly string[], tables: readonly TableOrder[] = TABLES): readonly TableOrder[] {
  return tables.filter(({ since }) => since === undefined || schema.includes(since));
}

/** Reads the rows of a table within a transaction, a page at a time, each as JSON; what is JSON in it stays to the letter. */
export async function* readRows(
  transaction: Kysely<Tables>,
  { name, order }: TableOrder,
  pageRows: number,
): AsyncGenerator<readonly string[]> {
  const cursor = sql.id(`${name}_rows`);
  await sql`
    declare ${cursor} no scroll cursor for
    select row_to_json(one)::text as line from ${sql.table(name)} one order by ${sql.raw(order)}`.execute(transaction);
  for (;;) {
    const { rows } = await sql<{ line: string }>`fetch ${sql.lit(pageRows)} from ${cursor}`.execute(transaction);
    if (rows.length > 0) yield rows.map(({ line }) => line);
    if (rows.length < pageRows) break;
  }
  await sql`close ${cursor}`.execute(transaction);
}

/** Writes rows as `readRows` gives them; the table has the columns that they were read from. */
export async function writeRows(transaction: Kysely<Tables>, table: string, rows: readonly string[]): Promise<void> {
  const into = sql.table(table);
  await sql`
    insert into ${into} select * from json_populate_recordset(null::${into}, ${`[${rows.join(",")}]`}::json)`.execute(
    transaction,
  );
}
