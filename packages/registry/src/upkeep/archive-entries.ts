import { Header } from "tar";

const BLOCK_BYTES = 512;
/** The first day that the tools of all systems can show. */
const TIME = new Date(Date.UTC(1980, 0, 1));

/** The end of an archive. */
export const ARCHIVE_END: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);

/** What stands before the bytes of a file: the same for the same name and length. Names have up to 100 characters. */
export function entryHeader(path: string, size: number): Uint8Array {
  const header = new Header({
    path,
    size,
    mode: 0o600,
    uid: 0,
    gid: 0,
    uname: "",
    gname: "",
    mtime: TIME,
    type: "File",
  });
  header.encode();
  return header.block ?? new Uint8Array();
}

/** What stands behind them. */
export function entryPadding(bytes: number): Uint8Array {
  return new Uint8Array((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}
