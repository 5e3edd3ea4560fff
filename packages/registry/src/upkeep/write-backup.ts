import { createReadStream } from "node:fs";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import type { BlobStore } from "../blobs/blob-store.ts";
import { createDigest } from "../blobs/system-digest.ts";
import { inPieces } from "../bundles/in-pieces.ts";
import { PIECE_BYTES_MAX, SNAPSHOT_TRIES_MAX } from "../limits.ts";
import type { Database } from "../store/database.ts";
import { joinSchemas, REGISTRY_SCHEMA, type Schema } from "../store/schema.ts";
import { ARCHIVE_END, entryHeader, entryPadding } from "./archive-entries.ts";
import { BACKUP_FORMATS, type BackupEntry, type BackupFacts, HEAD, MANIFEST } from "./backup-facts.ts";
import { type BackupPart, holdParts } from "./backup-part.ts";
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
  /** What else it has. Default: nothing. */
  readonly parts?: readonly BackupPart[];
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
 * Takes all that a registry keeps, as it is at one revision, while it is written on, and its parts as they were when it had that. Blobs count as new from now on, so that no sweep takes one
 * before it is read. Keys are not in it.
 * @throws OrreryError `data_loss` where bytes that a resource names are not there, or are not what they were
 */
export async function openBackup(options: BackupOptions): Promise<Backup> {
  const { blobs, folder } = options;
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const { snapshot, held } = await takeHeld(options);
    const counts = { blobs: held.length, bytes: held.reduce((sum, { bytes }) => sum + bytes, 0) };
    const facts: BackupFacts = { ...snapshot.facts, ...counts, parts: snapshot.parts };
    const entries = [...snapshot.entries, ...snapshot.partEntries, ...held];
    const manifest = await writeManifest(join(folder, MANIFEST), [facts, ...entries]);
    const head = JSON.stringify({
      format: snapshot.partEntries.length > 0 ? BACKUP_FORMATS.parted : BACKUP_FORMATS.plain,
      manifest: { bytes: manifest.bytes, digest: manifest.digest },
    });
    const all = [HEAD, manifest, ...entries];
    const bytes = all.reduce((sum, one) => sum + 512 + one.bytes + entryPadding(one.bytes).length, ARCHIVE_END.length);
    const contentOf = (entry: BackupEntry) =>
      entry.name.startsWith("blobs/") ? blobs.read(entry.digest) : createReadStream(spoolFile(folder, entry.name));
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
async function takeHeld(options: BackupOptions) {
  const { blobs, folder } = options;
  for (let tries = 1; ; tries++) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const snapshot = await takeWithParts(options);
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

/** Tables and parts of one moment: what parts have is held until the transaction sees its own. */
async function takeWithParts({ database, folder, schemas = [], parts = [] }: BackupOptions) {
  const known = joinSchemas([REGISTRY_SCHEMA, ...schemas]);
  const held = await holdParts(parts);
  const release = () => {
    for (const one of held) one.release();
  };
  try {
    const snapshot = await takeSnapshot(database, { folder, known, onMoment: release });
    const partEntries: BackupEntry[] = [];
    const counts: Record<string, number> = {};
    for (const { name: part, files } of held)
      for (const { name, read } of files) {
        const entry = `${part}/${name}`;
        const content = await read();
        if (content === undefined) continue;
        await writeFile(spoolFile(folder, entry), content, { mode: 0o600, flag: "wx" });
        const sum = createDigest();
        sum.update(content);
        partEntries.push({ name: entry, bytes: content.length, digest: sum.text() });
        counts[part] = (counts[part] ?? 0) + 1;
      }
    return { ...snapshot, partEntries, parts: counts };
  } finally {
    release();
  }
}

/** Where an entry lies meanwhile. */
function spoolFile(folder: string, entry: string): string {
  return join(folder, entry.replace("registry/", "").replace("/", "-"));
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
