import { writeFile } from "node:fs/promises";
import { type CurveKeyPair, createCurveKeyPair, curveKeyPairOf, encodeHex } from "./curve-key.ts";
import { ZmqError } from "./errors.ts";
import { readKeyLines } from "./system-key-lines.ts";

/**
 * Reads a node's key pair from a file that only its user may read: its secret key on a line, 64 letters of hex or 40 of Z85. Empty lines and
 * those that begin with `#` are let be.
 * @throws ZmqError `invalid_argument` when the file cannot be read, is open to others, or holds no such key. Nothing of its content is repeated.
 */
export async function readCurveKeys(path: string): Promise<CurveKeyPair> {
  const [secretKey = new Uint8Array()] = await readKeyLines(path, { what: "the secret key", keysMax: 1 });
  return curveKeyPairOf(secretKey);
}

/**
 * Draws a key pair and writes it to a file that is new, and that only this user may read.
 * @throws ZmqError `invalid_argument` when the file is there already or cannot be written.
 */
export async function createCurveKeys(path: string): Promise<CurveKeyPair> {
  const keyPair = createCurveKeyPair();
  const text = `# Public key, for others: ${encodeHex(keyPair.publicKey)}\n# Secret key, for nobody:\n${encodeHex(keyPair.secretKey)}\n`;
  try {
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === "EEXIST" ? "it is there already, and keys are never written over" : `it cannot be written (${code})`;
    throw new ZmqError("invalid_argument", `Cannot write new keys to "${path}": ${why}`, { cause });
  }
  return keyPair;
}
