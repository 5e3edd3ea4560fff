import { gunzipSync, gzipSync } from "node:zlib";
import { Header, type HeaderData } from "tar";
import { readArchive } from "../bundles/read-archive.ts";
import { sumPassing } from "../bundles/sum-passing.ts";

/** One entry of an archive that tests make by hand. */
export interface TestEntry extends Pick<HeaderData, "path" | "type" | "linkpath" | "mode"> {
  readonly content?: string;
}

/** Makes an archive of whatever entries, also of those that no bundle may have. */
export function makeArchive(entries: readonly TestEntry[]): Buffer {
  return gzipSync(Buffer.concat([...entries.map(entryBytes), Buffer.alloc(1024)]));
}

function entryBytes({ content = "", type = "File", mode = 0o644, ...rest }: TestEntry): Buffer {
  const body = Buffer.from(content);
  const header = new Header({ ...rest, type, mode, size: body.length, mtime: new Date(0) });
  header.encode();
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
  return Buffer.concat([header.block ?? Buffer.alloc(0), body, padding]);
}

/** Changes the tar inside an archive. */
export function changeTar(archive: Buffer, change: (tar: Buffer) => Buffer): Buffer {
  return gzipSync(change(gunzipSync(archive)));
}

/** What comes out of an archive: of each file its path, digest and mode. */
export async function listArchive(archive: Uint8Array): Promise<readonly string[]> {
  const listed: string[] = [];
  for await (const { path, bytes, executable, content } of readArchive(inPieces(archive)))
    listed.push(`${path} ${bytes} ${executable} ${(await sumPassing(content)).digest}`);
  return listed;
}

/** Gives bytes in pieces that meet no border of what is in them. */
export async function* inPieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All pieces as one. */
export async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
