import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createDigest } from "../blobs/system-digest.ts";
import { type ByteReader, createByteReader } from "../bundles/byte-reader.ts";
import { BACKUP_MANIFEST_BYTES_MAX } from "../limits.ts";
import type { TableOrder } from "../store/table-rows.ts";
import { ARCHIVE_END, entryHeader, entryPadding } from "./archive-entries.ts";
import { BACKUP_FORMATS, type BackupEntry, type BackupFacts, brokenBackup, HEAD, MANIFEST } from "./backup-facts.ts";
import { partFileOf } from "./backup-part.ts";
import { tableFile } from "./take-snapshot.ts";

/** What is done with a backup while it is read. */
export interface ReadBackupOptions {
  /** Where its tables go: there, and empty. */
  readonly folder: string;
  /** All tables that it may have. */
  readonly tables: readonly TableOrder[];
  /** Told before anything else is read; throws where it shall not be. */
  readonly onFacts: (facts: BackupFacts) => void | Promise<void>;
  /** Takes a blob; fails where its bytes are not those of the digest. */
  readonly onBlob: (entry: BackupEntry, content: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Takes a file of a part, all of it. */
  readonly onPart: (name: string, content: AsyncIterable<Uint8Array>) => Promise<void>;
}

const MANIFEST_ENTRY = /^blobs\/([0-9a-f]{2})\/(\1[0-9a-f]{62})$/;

/**
 * Reads the archive of a backup to its end, and holds each byte of it to its manifest, and that to the head. Tables are put in files of the
 * folder, for nobody to use one that is not whole.
 * @throws OrreryError `data_loss` where it is not what was written, `failed_precondition` where a newer version wrote it
 */
export async function readBackup(source: AsyncIterable<Uint8Array>, options: ReadBackupOptions): Promise<BackupFacts> {
  const reader = createByteReader(source[Symbol.asyncIterator]());
  const { folder, tables, onFacts, onBlob, onPart } = options;
  const manifest = await readHead(reader);
  const path = join(folder, MANIFEST);
  await keep(path, entryContent(reader, manifest));
  let facts: BackupFacts | undefined;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (facts === undefined) {
      facts = { parts: {}, ...(JSON.parse(line) as Omit<BackupFacts, "parts">) };
      await onFacts(facts);
      continue;
    }
    const entry = JSON.parse(line) as BackupEntry;
    const table = tables.find(({ name }) => entry.name === `registry/${name}.jsonl`);
    if (table !== undefined) await keep(tableFile(folder, table.name), entryContent(reader, entry));
    else if (MANIFEST_ENTRY.test(entry.name)) await onBlob(entry, entryContent(reader, entry));
    else if (partFileOf(entry.name) !== undefined) await onPart(entry.name, entryContent(reader, entry));
    else throw brokenBackup(`nobody knows what "${entry.name}" is`);
  }
  await expect(reader, ARCHIVE_END, "its end");
  for await (const _ of reader.pass(1)) throw brokenBackup("something follows its end");
  if (facts === undefined) throw brokenBackup("its manifest is empty");
  return facts;
}

/** Reads what the manifest must be. */
async function readHead(reader: ByteReader): Promise<BackupEntry> {
  const header = Buffer.from(await reader.take(512));
  if (!header.equals(entryHeader(HEAD.name, HEAD.bytes))) throw brokenBackup("it is no backup of a registry");
  const text = Buffer.from(await reader.take(HEAD.bytes)).toString("utf8");
  const head = parse(text) as { format?: number; manifest?: { bytes?: number; digest?: string } };
  const { bytes = Number.NaN, digest = "" } = head.manifest ?? {};
  const formats = Object.values(BACKUP_FORMATS);
  if (!formats.includes(head.format ?? 0))
    throw brokenBackup(`its format is ${head.format}, this version reads ${formats.join(" and ")}`);
  if (!(Number.isSafeInteger(bytes) && bytes > 0 && bytes <= BACKUP_MANIFEST_BYTES_MAX))
    throw brokenBackup("its manifest has no length");
  return { name: MANIFEST, bytes, digest };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw brokenBackup("its head was changed");
  }
}

/** The bytes of the next file, which must be this one. */
async function* entryContent(reader: ByteReader, { name, bytes, digest }: BackupEntry): AsyncGenerator<Uint8Array> {
  await expect(reader, entryHeader(name, bytes), `"${name}"`);
  const sum = createDigest();
  let left = bytes;
  for await (const piece of reader.pass(bytes)) {
    sum.update(piece);
    left -= piece.length;
    yield piece;
  }
  if (left > 0) throw brokenBackup(`it ends within "${name}"`);
  if (sum.text() !== digest) throw brokenBackup(`"${name}" was changed`);
  await expect(reader, entryPadding(bytes), `what follows "${name}"`);
}

async function expect(reader: ByteReader, wanted: Uint8Array, what: string): Promise<void> {
  const found = await reader.take(wanted.length);
  if (found.length < wanted.length) throw brokenBackup(`it ends before ${what}`);
  if (!Buffer.from(found).equals(wanted)) throw brokenBackup(`${what} was changed`);
}

async function keep(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    for await (const piece of content) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}
