import { open } from "node:fs/promises";
import { parseCurveKey } from "./curve-key.ts";
import { ZmqError } from "./errors.ts";
import { SEAL_KEYS_MAX } from "./limits.ts";

/** Far more than the keys of a seal need. */
const FILE_BYTES_MAX = 4096;

/**
 * Reads the keys of a seal from a file that only its user may read: one key to a line, 64 letters of hex or 40 of Z85, the one that seals first.
 * Empty lines and those that begin with `#` are let be.
 * @throws ZmqError `invalid_argument` when the file cannot be read, is open to others, or holds no keys. Nothing of its content is repeated.
 */
export async function readSealKeys(path: string): Promise<readonly Uint8Array[]> {
  const refuse = (why: string, cause?: unknown) =>
    new ZmqError("invalid_argument", `Cannot read seal keys from "${path}": ${why}`, { cause });
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw refuse(`it cannot be opened (${error.code})`, error);
  });
  try {
    const { mode, size } = await file.stat();
    if ((mode & 0o077) !== 0) throw refuse("others may read or write it, give it mode 0600");
    if (size > FILE_BYTES_MAX) throw refuse(`it has ${size} bytes, the limit is ${FILE_BYTES_MAX}`);
    const lines = (await file.readFile("utf8")).split(/\r?\n/).map((line) => line.trim());
    const keys = lines.flatMap((line, index) => {
      if (line === "" || line.startsWith("#")) return [];
      try {
        return [parseCurveKey(line)];
      } catch {
        throw refuse(`line ${index + 1} is no key, write 64 letters of hex or 40 of Z85`);
      }
    });
    if (keys.length === 0 || keys.length > SEAL_KEYS_MAX)
      throw refuse(`it has ${keys.length} keys, write 1 to ${SEAL_KEYS_MAX}`);
    return keys;
  } finally {
    await file.close();
  }
}
