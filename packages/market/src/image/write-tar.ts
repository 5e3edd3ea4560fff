import { Header, Pax } from "tar";

/** What is written to an archive of tar. */
export type WrittenEntry =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly content: Uint8Array; readonly isExecutable?: boolean }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const BLOCK_BYTES = 512;
/** The first day that the tools of all systems can show. */
const TIME = new Date(Date.UTC(1980, 0, 1));

/** Writes entries as an archive of tar, of one time, one owner, and modes 755 and 644, so that the same entries always give the same bytes. */
export function writeTar(entries: readonly WrittenEntry[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const entry of entries) {
    const content = entry.kind === "file" ? entry.content : new Uint8Array();
    pieces.push(...headersOf(entry, content.length), content);
    const over = content.length % BLOCK_BYTES;
    if (over > 0) pieces.push(new Uint8Array(BLOCK_BYTES - over));
  }
  pieces.push(new Uint8Array(2 * BLOCK_BYTES));
  return Buffer.concat(pieces);
}

function headersOf(entry: WrittenEntry, size: number): readonly Uint8Array[] {
  const path = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const linkpath = entry.kind === "link" ? entry.target : "";
  const isOpen = entry.kind !== "file" || entry.isExecutable === true;
  const header = new Header({
    ...{ path, size, linkpath, mode: isOpen ? 0o755 : 0o644, mtime: TIME },
    ...{ uid: 0, gid: 0, uname: "", gname: "" },
    type: entry.kind === "directory" ? "Directory" : entry.kind === "link" ? "SymbolicLink" : "File",
  });
  const isTooLong = header.encode();
  const ahead = isTooLong ? [new Pax({ path, size, ...(linkpath !== "" && { linkpath }) }).encode()] : [];
  return header.block === undefined ? ahead : [...ahead, header.block];
}
