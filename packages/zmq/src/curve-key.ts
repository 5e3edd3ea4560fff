import { ZmqError } from "./errors.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { realSystem, type ZmqSystem } from "./system.ts";
import { derivePublicKey, importSecretKey, KEY_BYTES } from "./x25519.ts";
import { decodeZ85 } from "./z85.ts";

const Z85_LETTERS = 40;
const HEX_LETTERS = 64;

/** A long-term CURVE identity: two keys of 32 bytes. Share the public one, keep the secret one out of logs. */
export interface CurveKeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** Draws a new key pair. `system` is where its randomness comes from; default the machine's. */
export function createCurveKeyPair(system: Pick<ZmqSystem, "randomBytes"> = realSystem): CurveKeyPair {
  return curveKeyPairOf(Uint8Array.from(system.randomBytes(KEY_BYTES)));
}

/**
 * Makes the pair that belongs to a secret key.
 * @throws ZmqError `invalid_argument` when the key does not have 32 bytes.
 */
export function curveKeyPairOf(secretKey: Uint8Array): CurveKeyPair {
  assertKeyBytes("curve secret key", secretKey);
  return { publicKey: derivePublicKey(importSecretKey(secretKey)), secretKey };
}

/**
 * Parses a key, public or secret, from 40 letters of Z85 or 64 of hex, as ZeroMQ tools print them.
 * @throws ZmqError `invalid_argument`; the text is not repeated, because it may be secret.
 */
export function parseCurveKey(text: string): Uint8Array {
  if (text.length === Z85_LETTERS) return decodeZ85(text);
  if (text.length === HEX_LETTERS && /^[0-9a-fA-F]+$/.test(text)) return Uint8Array.from(Buffer.from(text, "hex"));
  const why = `it has ${text.length} letters, a key is 40 of Z85 or 64 of hex`;
  throw new ZmqError("invalid_argument", `Cannot parse curve key: ${why}`);
}

/** Lower-case hex of a key, for maps and for messages about public keys. */
export function encodeHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/**
 * Checks a pair that a caller hands in.
 * @throws ZmqError `invalid_argument` when a key does not have 32 bytes or the two do not belong together.
 */
export function assertCurveKeyPair(keyPair: CurveKeyPair): void {
  assertKeyBytes("curve public key", keyPair.publicKey);
  if (nodeCrypto().timingSafeEqual(curveKeyPairOf(keyPair.secretKey).publicKey, keyPair.publicKey)) return;
  throw new ZmqError("invalid_argument", "Cannot use curve key pair: its public key does not belong to its secret key");
}

/** @throws ZmqError `invalid_argument` when `key` does not have 32 bytes; `what` names it in the message. */
export function assertKeyBytes(what: string, key: Uint8Array): void {
  if (key.length === KEY_BYTES) return;
  throw new ZmqError("invalid_argument", `Cannot use ${what}: it has ${key.length} bytes, a key has ${KEY_BYTES}`);
}
