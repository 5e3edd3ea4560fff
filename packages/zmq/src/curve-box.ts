import type { KeyObject } from "node:crypto";
import { hsalsa, secretbox } from "@noble/ciphers/salsa.js";
import { violation } from "./errors.ts";
import { multiplyKeys } from "./x25519.ts";

/** Bytes that a box is longer than what is in it. */
export const BOX_OVERHEAD = 16;

const SIGMA = new Uint32Array(Uint8Array.from(Buffer.from("expand 32-byte k", "latin1")).buffer);
const NONCE_BYTES = 24;

/**
 * The key of all boxes between two key pairs (NaCl's `beforenm`), 32 bytes; compute it once per pair.
 * @throws PeerFault `protocol_violation` when the public key is of low order.
 */
export function deriveBoxKey(secretKey: KeyObject, publicKey: Uint8Array): Uint8Array {
  const product = multiplyKeys(secretKey, publicKey);
  if (product === undefined) throw violation("it sent a public key that makes no secret");
  return deriveSubkey(Uint8Array.from(product), new Uint8Array(16));
}

/** HSalsa20 of a 32-byte key and 16 bytes of nonce: a new key for what those bytes begin. */
function deriveSubkey(key: Uint8Array, nonceHead: Uint8Array): Uint8Array {
  const subkey = new Uint32Array(8);
  hsalsa(SIGMA, toWords(key), toWords(nonceHead), subkey);
  return new Uint8Array(subkey.buffer);
}

/** A 24-byte nonce: ASCII text at the front, the given bytes at the end. */
export function makeNonce(text: string, tail: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  nonce.set(Buffer.from(text, "latin1"));
  nonce.set(tail, NONCE_BYTES - tail.length);
  return nonce;
}

/** Encrypts and authenticates; the result is BOX_OVERHEAD bytes longer. Never use a key and nonce twice. */
export function sealBox(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  return secretbox(key, nonce).seal(plain);
}

/** Opens what `sealBox` made, or returns undefined when key, nonce or content are not the same. */
export function openBox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined {
  if (box.length < BOX_OVERHEAD) return undefined;
  try {
    return secretbox(key, nonce).open(box);
  } catch {
    return undefined;
  }
}

function toWords(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}
