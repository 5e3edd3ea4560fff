import { OrreryError } from "@orrery/core";
import { Header, Pax } from "tar";
import { ENTRIES_MAX, PATH_BYTES_MAX } from "./limits.ts";

/** What an archive of tar has: of a type that it calls `File`, `Directory`, `SymbolicLink`, `Link` or otherwise. */
export interface TarEntry {
  readonly type: string;
  /** As it is written there, without `/` at its end. */
  readonly path: string;
  /** Of a link. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** A part of the archive, not a copy. */
  readonly content: Uint8Array;
}

const BLOCK_BYTES = 512;
const PAX_BYTES_MAX = 64 * 1024;

/** What stands before an entry about it. */
interface Ahead {
  readonly path?: string | undefined;
  readonly linkpath?: string | undefined;
  readonly size?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/**
 * Reads an archive of tar that lies in memory, entry by entry, those with long names in the ways of POSIX and of GNU. It judges sums, lengths and
 * counts; what paths say is judged by who unpacks.
 * @throws OrreryError `data_loss` for one that is broken, or has more than an image may have
 */
export function* tarEntries(archive: Uint8Array): Generator<TarEntry> {
  let ahead: Ahead = {};
  let count = 0;
  for (let at = 0; at + BLOCK_BYTES <= archive.length; ) {
    const header = new Header(Buffer.from(archive.buffer, archive.byteOffset + at, BLOCK_BYTES));
    if (header.nullBlock) return;
    if (!header.cksumValid) throw broken("the sum of a header is wrong");
    const bytes = ahead.size ?? header.size ?? 0;
    at += BLOCK_BYTES;
    if (!Number.isSafeInteger(bytes) || bytes < 0 || at + bytes > archive.length)
      throw broken("it ends within an entry");
    const content = archive.subarray(at, at + bytes);
    at += Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
    count += 1;
    if (count > ENTRIES_MAX) throw broken(`it has more than ${ENTRIES_MAX} entries`);
    const told = aheadBy(String(header.type), content);
    if (told !== undefined) {
      ahead = { ...ahead, ...told };
      continue;
    }
    yield entryOf(header, ahead, content);
    ahead = {};
  }
}

function entryOf(header: Header, ahead: Ahead, content: Uint8Array): TarEntry {
  const path = (ahead.path ?? header.path ?? "").replace(/\/+$/, "");
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw broken(`a path has more than ${PATH_BYTES_MAX} bytes`);
  return {
    type: header.type === "OldFile" || header.type === "ContiguousFile" ? "File" : String(header.type),
    path,
    target: ahead.linkpath ?? header.linkpath ?? "",
    mode: (header.mode ?? 0o644) & 0o7777,
    uid: ahead.uid ?? header.uid ?? 0,
    gid: ahead.gid ?? header.gid ?? 0,
    content,
  };
}

/** What an entry says about the next one; undefined for one that is a file or the like. */
function aheadBy(type: string, content: Uint8Array): Ahead | undefined {
  if (type === "GlobalExtendedHeader") return {};
  if (!/^(ExtendedHeader|OldExtendedHeader|NextFileHasLong(Path|Linkpath)|OldGnuLongPath)$/.test(type))
    return undefined;
  if (content.length > PAX_BYTES_MAX) throw broken(`a header has ${content.length} bytes`);
  const text = Buffer.from(content).toString("utf8");
  if (type === "NextFileHasLongLinkpath") return { linkpath: text.replace(/\0.*$/s, "") };
  if (type === "NextFileHasLongPath" || type === "OldGnuLongPath") return { path: text.replace(/\0.*$/s, "") };
  const { path, linkpath, size, uid, gid } = Pax.parse(text);
  const said = Object.entries({ path, linkpath, size, uid, gid }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as Ahead;
}

function broken(why: string): OrreryError {
  return new OrreryError("data_loss", `Cannot read the archive of an image: ${why}, make and send it anew`);
}
