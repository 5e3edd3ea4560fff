import { createReadStream } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import type { BlobStore } from "../blobs/blob-store.ts";
import { createDigest } from "../blobs/system-digest.ts";
import { inPieces } from "../bundles/in-pieces.ts";
import { PIECE_BYTES_MAX, SNAPSHOT_TRIES_MAX } from "../limits.ts";
import type { Database } from "../store/database.ts";
import { joinSchemas, REGISTRY_SCHEMA, type Schema } from "../store/schema.ts";
import { ARCHIVE_END, entryHeader, entryPadding } from "./archive-entries.ts";
import { BACKUP_FORMAT, type BackupEntry, type BackupFacts, HEAD, MANIFEST } from "./backup-facts.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** What is backed up. */
export interface BackupOptions {
  readonly database: Pick<Database, "kysely">;
  /** Where the bytes are that resources name. */
  readonly blobs: BlobStore;
  /** Where tables lie meanwhile: made anew, and taken away. Nobody else uses it. */
  readonly folder: string;
  /** What services keep in the database beside the registry. Default: nothing. */
  readonly schemas?: readonly Schema[];
}

/** A backup that is ready to be read. */
export interface Backup extends AsyncDisposable {
  readonly facts: BackupFacts;
  /** How long the archive is. */
  readonly bytes: number;
  /** The archive, once, in pieces of up to 1 MiB: a tar, in which the same content is always the same bytes. */
  read(): AsyncGenerator<Uint8Array>;
}

/**
 * Takes all that a registry keeps, as it is at one revision, while it is written on. Blobs count as new from now on, so that no sweep takes one
 * before it is read. Keys are not in it.
 * @throws OrreryError `data_loss` where bytes that a resource names are not there, or are not what they were
 */
export async function openBackup(options: BackupOptions): Promise<Backup> {
  const { blobs, folder } = options;
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const { snapshot, held } = await takeHeld(options);
    const facts = { ...snapshot.facts, blobs: held.length, bytes: held.reduce((sum, { bytes }) => sum + bytes, 0) };
    const entries = [...snapshot.entries, ...held];
    const manifest = await writeManifest(join(folder, MANIFEST), [facts, ...entries]);
    const head = JSON.stringify({
      format: BACKUP_FORMAT,
      manifest: { bytes: manifest.bytes, digest: manifest.digest },
    });
    const all = [HEAD, manifest, ...entries];
    const bytes = all.reduce((sum, one) => sum + 512 + one.bytes + entryPadding(one.bytes).length, ARCHIVE_END.length);
    const contentOf = (entry: BackupEntry) =>
      entry.name.startsWith("blobs/")
        ? blobs.read(entry.digest)
        : createReadStream(join(folder, entry.name.replace("registry/", "")));
    const parts = async function* () {
      yield entryHeader(HEAD.name, HEAD.bytes);
      yield Buffer.from(`${head.padEnd(HEAD.bytes - 1)}\n`);
      for (const entry of [manifest, ...entries]) yield* entryOf(entry, contentOf(entry));
      yield ARCHIVE_END;
    };
    return { facts, bytes, read: () => inPieces(parts(), PIECE_BYTES_MAX), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A snapshot whose blobs are all there and stay. One may have gone between the two; then a later snapshot does not name it. */
async function takeHeld({ database, blobs, folder, schemas = [] }: BackupOptions) {
  const known = joinSchemas([REGISTRY_SCHEMA, ...schemas]);
  for (let tries = 1; ; tries++) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const snapshot = await takeSnapshot(database, { folder, known });
    const held: BackupEntry[] = [];
    let missing: string | undefined;
    for (const digest of snapshot.digests) {
      const bytes = await blobs.size(digest, { isWanted: true });
      const digits = digest.slice("sha256:".length);
      if (bytes === undefined) missing = digest;
      else held.push({ name: `blobs/${digits.slice(0, 2)}/${digits}`, bytes, digest });
    }
    if (missing === undefined) return { snapshot, held };
    if (tries < SNAPSHOT_TRIES_MAX) continue;
    const why = `a resource names ${missing}, whose bytes are not there, find out which and remove or write it anew`;
    throw new OrreryError("data_loss", `Cannot back up the registry: ${why}`, { details: { digest: missing } });
  }
}

async function writeManifest(path: string, lines: readonly object[]): Promise<BackupEntry> {
  const file = await open(path, "wx", 0o600);
  const sum = createDigest();
  let bytes = 0;
  try {
    for (const line of lines) {
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      await file.writeFile(text);
      sum.update(text);
      bytes += text.length;
    }
  } finally {
    await file.close();
  }
  return { name: MANIFEST, bytes, digest: sum.text() };
}

async function* entryOf(
  { name, bytes, digest }: BackupEntry,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield entryHeader(name, bytes);
  const sum = createDigest();
  for await (const piece of content) {
    sum.update(piece);
    yield piece;
  }
  if (sum.text() !== digest)
    throw new OrreryError("data_loss", `Cannot back up the registry: "${name}" is not ${digest} any more`, {
      details: { digest },
    });
  yield entryPadding(bytes);
}
