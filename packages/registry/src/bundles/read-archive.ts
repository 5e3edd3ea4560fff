import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { isOrreryError, OrreryError } from "@orrery/core";
import { Header, Pax } from "tar";
import { type ByteReader, createByteReader } from "./byte-reader.ts";
import { createEntryNames, refusal } from "./entry-names.ts";
import { BUNDLE_BYTES_MAX } from "./limits.ts";

/** A file as it comes out of an archive. */
export interface ArchivedFile {
  /** From `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
  /** To be read to its end, once, before the next file comes. */
  readonly content: AsyncIterable<Uint8Array>;
}

const BLOCK_BYTES = 512;
const PAX_BYTES_MAX = 8 * 1024;
/** What tar may hold and no bundle has, by the names of types. */
const WHAT: Readonly<Record<string, string>> = {
  SymbolicLink: "it is a symbolic link",
  Link: "it is a hard link",
  CharacterDevice: "it is a device",
  BlockDevice: "it is a device",
  FIFO: "it is a pipe",
};

/**
 * Reads an archive, file by file, and holds none of it: a tar in gzip with plain files and directories. It believes nothing: names, types,
 * sums and lengths are judged before a file is given, and the bytes that come out are counted.
 * @throws OrreryError `invalid_argument` for what no bundle may have, `data_loss` for an archive that is broken
 */
export async function* readArchive(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchivedFile> {
  const unpacked = createGunzip();
  pipeline(Readable.from(source), unpacked, () => {}); // Whoever reads is told of what went wrong.
  try {
    yield* filesOf(createByteReader(unpacked[Symbol.asyncIterator]()));
  } catch (cause) {
    if (isOrreryError(cause)) throw cause;
    throw broken(cause instanceof Error ? cause.message : String(cause));
  } finally {
    unpacked.destroy();
  }
}

async function* filesOf(reader: ByteReader): AsyncGenerator<ArchivedFile> {
  const names = createEntryNames();
  let total = 0;
  for (let named: { readonly path?: string; readonly size?: number } = {}; ; ) {
    const header = await readHeader(reader, named);
    if (header === undefined) return;
    const { type } = header;
    const name = named.path ?? header.path ?? "";
    const bytes = named.size ?? header.size ?? Number.NaN;
    if (!Number.isSafeInteger(bytes)) throw broken("a file has no length");
    if (type === "ExtendedHeader") {
      named = await readPax(reader, bytes);
      continue;
    }
    named = {};
    if (type === "Directory") continue;
    if (type !== "File" && type !== "OldFile")
      throw refusal(name, `${WHAT[type] ?? `tar calls it ${type}`}, and a bundle has files alone`);
    const path = `/${name}`;
    names.addFile(path);
    total += bytes;
    if (total > BUNDLE_BYTES_MAX) throw refusal(path, `unpacked, a bundle has up to ${BUNDLE_BYTES_MAX} bytes`);
    const ending = { left: bytes };
    yield { path, bytes, executable: ((header.mode ?? 0) & 0o100) !== 0, content: contentOf(reader, ending) };
    if (ending.left > 0) throw broken(`"${name}" was not read to its end`);
    await skipPadding(reader, bytes);
  }
}

async function* contentOf(reader: ByteReader, ending: { left: number }): AsyncGenerator<Uint8Array> {
  for await (const piece of reader.pass(ending.left)) {
    ending.left -= piece.length;
    yield piece;
  }
  if (ending.left > 0) throw broken("it ends within a file");
}

/** The next header; `undefined` at the end, behind which is nothing. */
async function readHeader(
  reader: ByteReader,
  named: { readonly path?: string; readonly size?: number },
): Promise<Header | undefined> {
  const block = Buffer.from(await reader.take(BLOCK_BYTES));
  if (block.length < BLOCK_BYTES) throw broken("it ends too early");
  const header = new Header(block);
  if (!header.nullBlock) {
    if (!header.cksumValid) throw broken("the sum of a header is wrong");
    return header;
  }
  if (Object.keys(named).length > 0) throw broken("a name belongs to no file");
  for await (const piece of reader.pass(Number.MAX_SAFE_INTEGER))
    if (piece.some((byte) => byte !== 0)) throw broken("something follows its end");
  return undefined;
}

async function readPax(reader: ByteReader, bytes: number): Promise<{ readonly path?: string; readonly size?: number }> {
  if (bytes > PAX_BYTES_MAX) throw broken(`a header has ${bytes} bytes`);
  const body = await reader.take(bytes);
  if (body.length < bytes) throw broken("it ends within a header");
  await skipPadding(reader, bytes);
  const { path, size } = Pax.parse(Buffer.from(body).toString("utf8"));
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size }) };
}

async function skipPadding(reader: ByteReader, bytes: number): Promise<void> {
  const over = bytes % BLOCK_BYTES;
  if (over > 0 && (await reader.take(BLOCK_BYTES - over)).length < BLOCK_BYTES - over)
    throw broken("it ends too early");
}

function broken(why: string): OrreryError {
  return new OrreryError("data_loss", `Cannot read the archive of a bundle: ${why}, make and send it anew`);
}
