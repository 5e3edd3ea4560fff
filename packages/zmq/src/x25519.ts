import type { KeyObject } from "node:crypto";
import { nodeCrypto } from "./node-crypto.ts";

/** Bytes of a Curve25519 key, public or secret. */
export const KEY_BYTES = 32;

// What stands before the 32 bytes of a key in PKCS 8 and SPKI (RFC 8410).
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/** Makes a key object of a secret key's 32 bytes; do it once per key, it costs more than its use. */
export function importSecretKey(secretKey: Uint8Array): KeyObject {
  const key = Buffer.concat([PRIVATE_PREFIX, secretKey]);
  const imported = nodeCrypto().createPrivateKey({ key, format: "der", type: "pkcs8" });
  key.fill(0);
  return imported;
}

/** The public key, 32 bytes, that belongs to a secret one. */
export function derivePublicKey(secretKey: KeyObject): Uint8Array {
  const spki = nodeCrypto().createPublicKey(secretKey).export({ format: "der", type: "spki" });
  return Uint8Array.from(spki.subarray(PUBLIC_PREFIX.length));
}

/**
 * The X25519 product of a secret key and somebody's public key, 32 bytes.
 * @returns undefined for a public key of low order, which would make the secret known to all.
 */
export function multiplyKeys(secretKey: KeyObject, publicKey: Uint8Array): Uint8Array | undefined {
  const { createPublicKey, diffieHellman } = nodeCrypto();
  const key = Buffer.concat([PUBLIC_PREFIX, publicKey]);
  try {
    return diffieHellman({
      privateKey: secretKey,
      publicKey: createPublicKey({ key, format: "der", type: "spki" }),
    });
  } catch {
    return undefined;
  }
}
