import { OrreryError } from "@orrery/core";
import { foreignStep, newerStep } from "../store/migrate.ts";
import type { Schema } from "../store/schema.ts";

/** What a backup has, as its manifest says. */
export interface BackupFacts {
  /** Steps of the schema that its tables have. */
  readonly schema: readonly string[];
  /** Of the registry: all before it is in the backup, nothing after it. */
  readonly revision: number;
  readonly resources: number;
  readonly blobs: number;
  /** Of all blobs together. */
  readonly bytes: number;
  /** Names of the keys that its secrets are closed with. The keys are not in it. */
  readonly keys: readonly string[];
  /** How many files it has of what is kept beside the registry, by the names of parts. */
  readonly parts: Readonly<Record<string, number>>;
}

/** One file in the archive of a backup. */
export interface BackupEntry {
  /** As in `registry/resource.jsonl` and `blobs/ab/abcd…`. */
  readonly name: string;
  readonly bytes: number;
  readonly digest: string;
}

/** The forms of archives that this version writes and reads: of a registry alone, and with parts. */
export const BACKUP_FORMATS = { plain: 1, parted: 2 };

/** The first file of each archive: what its manifest is, in as many bytes each time. */
export const HEAD: { readonly name: string; readonly bytes: number } = { name: "orrery-backup.json", bytes: 512 };

/** The second: a line with the facts, then one for each other file, in order. */
export const MANIFEST = "manifest.jsonl";

/** Makes the error of an archive that is not what was written. */
export function brokenBackup(why: string): OrreryError {
  return new OrreryError("data_loss", `Cannot restore the backup: ${why}, take another copy of it`);
}

/** @throws OrreryError `failed_precondition` where a newer version made the backup */
export function assertKnown({ schema }: BackupFacts, { migrations }: Schema): void {
  const newer = newerStep(schema, migrations) ?? foreignStep(schema, migrations);
  if (newer === undefined) return;
  throw new OrreryError(
    "failed_precondition",
    `Cannot restore the backup: it has step "${newer}" of the schema, which this version does not know, use a newer one`,
  );
}
