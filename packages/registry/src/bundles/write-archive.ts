import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { OrreryError } from "@orrery/core";
import { Header, Pax } from "tar";
import type { BundleFile, BundleManifest } from "./manifest.ts";

/** Options of `writeArchive`. */
export interface WriteArchiveOptions {
  /** Gives the bytes of a file. */
  readonly read: (file: BundleFile) => AsyncIterable<Uint8Array>;
}

const BLOCK_BYTES = 512;
/** The first day that the tools of all systems can show. */
const TIME = new Date(Date.UTC(1980, 0, 1));

/**
 * Writes the files of a manifest as one archive, a tar in gzip, in pieces: sorted, of one time, one owner, and modes 644 and 755, so that the
 * same files always give the same bytes.
 * @throws OrreryError `aborted` where a file is not as long as the manifest says
 */
export function writeArchive(manifest: BundleManifest, { read }: WriteArchiveOptions): AsyncIterable<Uint8Array> {
  const packed = createGzip({ level: 6 });
  pipeline(Readable.from(blocksOf(manifest, read)), packed, () => {}); // Whoever reads is told of what went wrong.
  return packed;
}

async function* blocksOf({ files }: BundleManifest, read: WriteArchiveOptions["read"]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    yield* headersOf(file);
    let left = file.bytes;
    for await (const piece of read(file)) {
      left -= piece.length;
      if (left < 0) break;
      yield piece;
    }
    if (left !== 0)
      throw new OrreryError("aborted", `Cannot pack "${file.path.slice(1)}": it was changed meanwhile, try again`);
    const over = file.bytes % BLOCK_BYTES;
    if (over > 0) yield new Uint8Array(BLOCK_BYTES - over);
  }
  yield new Uint8Array(2 * BLOCK_BYTES);
}

function* headersOf({ path, bytes, executable }: BundleFile): Generator<Uint8Array> {
  const header = new Header({
    path: path.slice(1),
    mode: executable ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    uname: "",
    gname: "",
    size: bytes,
    mtime: TIME,
    type: "File",
  });
  const isTooLong = header.encode();
  if (isTooLong) yield new Pax({ path: path.slice(1), size: bytes }).encode();
  if (header.block !== undefined) yield header.block;
}
