import { open } from "node:fs/promises";
import { parseCurveKey } from "./curve-key.ts";
import { ZmqError } from "./errors.ts";

/** Far more than keys need. */
const FILE_BYTES_MAX = 4096;

/** What a file of keys is for, and how many it may hold. */
export interface KeyLinesOptions {
  /** What errors call them. */
  readonly what: string;
  readonly keysMax: number;
}

/** Reads a file of one key to a line that nobody but its user may read. @throws ZmqError `invalid_argument`, without a word of what it holds. */
export async function readKeyLines(path: string, { what, keysMax }: KeyLinesOptions): Promise<readonly Uint8Array[]> {
  const refuse = (why: string, cause?: unknown) =>
    new ZmqError("invalid_argument", `Cannot read ${what} from "${path}": ${why}`, { cause });
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw refuse(`it cannot be opened (${error.code})`, error);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw refuse("it is no file");
    if ((stat.mode & 0o077) !== 0) throw refuse("others may read or write it, give it mode 0600");
    if (stat.size > FILE_BYTES_MAX) throw refuse(`it has ${stat.size} bytes, the limit is ${FILE_BYTES_MAX}`);
    const lines = (await file.readFile("utf8")).split(/\r?\n/).map((line) => line.trim());
    const keys = lines.flatMap((line, index) => {
      if (line === "" || line.startsWith("#")) return [];
      try {
        return [parseCurveKey(line)];
      } catch {
        throw refuse(`line ${index + 1} is no key, write 64 letters of hex or 40 of Z85`);
      }
    });
    if (keys.length === 0 || keys.length > keysMax)
      throw refuse(`it has ${keys.length} keys, write ${keysMax === 1 ? "1" : `1 to ${keysMax}`}`);
    return keys;
  } finally {
    await file.close();
  }
}
