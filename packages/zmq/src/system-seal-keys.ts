import { SEAL_KEYS_MAX } from "./limits.ts";
import { readKeyLines } from "./system-key-lines.ts";

/**
 * Reads the keys of a seal from a file that only its user may read: one key to a line, 64 letters of hex or 40 of Z85, the one that seals first.
 * Empty lines and those that begin with `#` are let be.
 * @throws ZmqError `invalid_argument` when the file cannot be read, is open to others, or holds no keys. Nothing of its content is repeated.
 */
export async function readSealKeys(path: string): Promise<readonly Uint8Array[]> {
  return await readKeyLines(path, { what: "seal keys", keysMax: SEAL_KEYS_MAX });
}
