import { open } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { sql, type Transaction } from "kysely";
import { createDigest } from "../blobs/system-digest.ts";
import { PAGE_MAX } from "../limits.ts";
import type { Resource } from "../resource.ts";
import type { Database, Tables } from "../store/database.ts";
import { foreignStep, stepsTaken } from "../store/migrate.ts";
import type { Schema } from "../store/schema.ts";
import { readRows, type TableOrder, tablesOf } from "../store/table-rows.ts";
import type { BackupEntry, BackupFacts } from "./backup-facts.ts";

/** All tables as they were at one revision, in files. */
export interface Snapshot {
  readonly facts: Pick<BackupFacts, "schema" | "revision" | "resources" | "keys">;
  readonly entries: readonly BackupEntry[];
  /** What resources name, sorted. */
  readonly digests: readonly string[];
}

/** What resources have that lies elsewhere. */
interface Found {
  resources: number;
  readonly digests: Set<string>;
  readonly keys: Set<string>;
}

/**
 * Writes all tables to files of a folder, as they are at one moment: by one transaction that sees nothing of what is written meanwhile. On
 * PostgreSQL others write on; PGlite has one session, for which they wait. `onMoment` is called as soon as that moment is.
 */
export async function takeSnapshot(
  { kysely }: Pick<Database, "kysely">,
  { folder, known, onMoment }: { readonly folder: string; readonly known: Schema; readonly onMoment: () => void },
): Promise<Snapshot> {
  return kysely.transaction().execute(async (transaction) => {
    await sql`set transaction isolation level repeatable read, read only`.execute(transaction);
    const schema = await stepsTaken(transaction);
    const foreign = foreignStep(schema, known.migrations);
    if (foreign !== undefined)
      throw new OrreryError(
        "failed_precondition",
        `Cannot back up the registry: its database has step "${foreign}", of a service that this version does not know, run a newer one`,
      );
    const { revision } = await transaction.selectFrom("registry").select("revision").executeTakeFirstOrThrow();
    onMoment();
    const found: Found = { resources: 0, digests: new Set(), keys: new Set() };
    const entries: BackupEntry[] = [];
    for (const table of tablesOf(schema, known.tables))
      entries.push(await writeTable(transaction, table, { folder, found }));
    const facts = { schema, revision: Number(revision), resources: found.resources, keys: [...found.keys].sort() };
    return { facts, entries, digests: [...found.digests].sort() };
  });
}

async function writeTable(
  transaction: Transaction<Tables>,
  table: TableOrder,
  { folder, found }: { readonly folder: string; readonly found: Found },
): Promise<BackupEntry> {
  const file = await open(tableFile(folder, table.name), "wx", 0o600);
  const sum = createDigest();
  let bytes = 0;
  try {
    for await (const rows of readRows(transaction, table, PAGE_MAX)) {
      if (table.name === "resource") for (const row of rows) look(row, found);
      if (table.keysOf !== undefined) for (const row of rows) for (const key of table.keysOf(row)) found.keys.add(key);
      const text = Buffer.from(`${rows.join("\n")}\n`);
      await file.writeFile(text);
      sum.update(text);
      bytes += text.length;
    }
  } finally {
    await file.close();
  }
  return { name: `registry/${table.name}.jsonl`, bytes, digest: sum.text() };
}

/** Where the rows of a table are in a folder. */
export function tableFile(folder: string, table: string): string {
  return join(folder, `${table}.jsonl`);
}

function look(row: string, found: Found): void {
  found.resources++;
  for (const [digest] of row.matchAll(/sha256:[0-9a-f]{64}/g)) found.digests.add(digest);
  if (!row.includes('"secrets":{')) return;
  const { secrets = {} } = (JSON.parse(row) as { body: Resource }).body;
  for (const sealed of Object.values(secrets)) found.keys.add(sealed.slice(0, sealed.indexOf(".")));
}
