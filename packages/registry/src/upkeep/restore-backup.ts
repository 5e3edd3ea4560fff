import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { OrreryError } from "@orrery/core";
import { type Kysely, sql } from "kysely";
import type { BlobStore } from "../blobs/blob-store.ts";
import { putBlob } from "../blobs/put-blob.ts";
import { RESTORE_ROWS } from "../limits.ts";
import type { Database, Tables } from "../store/database.ts";
import { migrateWithin } from "../store/migrate.ts";
import { joinSchemas, REGISTRY_SCHEMA, type Schema } from "../store/schema.ts";
import { tablesOf, writeRows } from "../store/table-rows.ts";
import { assertKnown, type BackupFacts, brokenBackup } from "./backup-facts.ts";
import { refusePart } from "./backup-part.ts";
import { readBackup } from "./read-backup.ts";
import { tableFile } from "./take-snapshot.ts";

/** Where a backup goes. */
export interface RestoreBackupOptions {
  /** One in which no registry is. */
  readonly database: Pick<Database, "kysely">;
  readonly blobs: BlobStore;
  /** Where tables lie meanwhile: made anew, and taken away. Nobody else uses it. */
  readonly folder: string;
  /** What services keep in the database beside the registry. Default: nothing. */
  readonly schemas?: readonly Schema[];
  /** Told what the backup has before anything of it is taken; throws where it shall not be. Default: all is taken. */
  readonly onFacts?: (facts: BackupFacts) => void;
  /** Told after each blob how many of their bytes are there. Default: nobody. */
  readonly onProgress?: (bytes: number) => void;
  /** Takes a file of what is kept beside the registry, such as `mechtrons/…`, all of it. Default: a backup that has some is refused. */
  readonly onPart?: (name: string, content: AsyncIterable<Uint8Array>) => Promise<void>;
}

/**
 * Brings a backup into an empty database and a store of blobs, and its schema to the newest. The database is written at the end, in one
 * transaction, once all of the archive was read and is what was written; blobs of one that is not stay until they are swept.
 * @throws OrreryError `failed_precondition` where the database has a registry, or a newer version made the backup; `data_loss` where the archive
 * is not what was written
 */
export async function restoreBackup(
  source: AsyncIterable<Uint8Array>,
  options: RestoreBackupOptions,
): Promise<BackupFacts> {
  const { database, blobs, folder, schemas = [], onFacts, onProgress, onPart = refusePart } = options;
  const schema = joinSchemas([REGISTRY_SCHEMA, ...schemas]);
  await assertEmpty(database.kysely);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let bytes = 0;
  let count = 0;
  try {
    const facts = await readBackup(source, {
      ...{ folder, tables: schema.tables },
      onFacts: (said) => {
        assertKnown(said, schema);
        onFacts?.(said);
      },
      onPart,
      onBlob: async (entry, content) => {
        await putBlob(blobs, { source: content, id: `restore-${++count}`, digest: entry.digest });
        bytes += entry.bytes;
        onProgress?.(bytes);
      },
    });
    await database.kysely.transaction().execute((transaction) => writeTables(transaction, { facts, folder, schema }));
    return facts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function assertEmpty(kysely: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{
    isThere: boolean;
  }>`select to_regclass('registry') is not null as "isThere"`.execute(kysely);
  if (rows[0]?.isThere !== true) return;
  throw new OrreryError(
    "failed_precondition",
    "Cannot restore the backup: the database has a registry already, name an empty one",
  );
}

/** Makes the schema that the backup is of, fills it, and goes on to the newest. */
async function writeTables(
  transaction: Kysely<Tables>,
  { facts, folder, schema }: { readonly facts: BackupFacts; readonly folder: string; readonly schema: Schema },
): Promise<void> {
  await migrateWithin(
    transaction,
    schema.migrations.filter(({ name }) => facts.schema.includes(name)),
  );
  for (const { name } of tablesOf(facts.schema, schema.tables)) {
    await sql`delete from ${sql.table(name)}`.execute(transaction);
    let rows: string[] = [];
    for await (const line of createInterface({ input: createReadStream(tableFile(folder, name)) })) {
      if (line !== "") rows.push(line);
      if (rows.length < RESTORE_ROWS) continue;
      await writeRows(transaction, name, rows);
      rows = [];
    }
    if (rows.length > 0) await writeRows(transaction, name, rows);
  }
  const head = await transaction.selectFrom("registry").select("revision").executeTakeFirst();
  if (Number(head?.revision) !== facts.revision) throw brokenBackup("its tables are of another revision");
  await migrateWithin(transaction);
}
