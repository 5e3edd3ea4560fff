import { secretbox } from "@noble/ciphers/salsa.js";
import { loadSodium } from "./load-sodium.ts";

/** Bytes of the authenticator, which stands before what is encrypted. */
export const TAG_BYTES = 16;

/** The part of a buffer to work on: the tag lies just before `start`, the data from `start` to `end`. */
export interface BoxRange {
  readonly start: number;
  readonly end: number;
}

/** Key of a box, 32 bytes, and its nonce, 24 bytes. A key and nonce must never seal twice. */
export interface BoxKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** XSalsa20-Poly1305, the cipher of NaCl's boxes, in place. */
export interface BoxCipher {
  /** Encrypts the data and writes its tag before it. */
  seal(bytes: Uint8Array, range: BoxRange, box: BoxKey): void;
  /** Checks the tag and decrypts; false when the tag is not right, and then the data means nothing. */
  open(bytes: Uint8Array, range: BoxRange, box: BoxKey): boolean;
}

/** What is used of libsodium. */
interface Sodium {
  crypto_secretbox_detached(
    sealed: Uint8Array,
    tag: Uint8Array,
    plain: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  crypto_secretbox_open_detached(
    plain: Uint8Array,
    sealed: Uint8Array,
    tag: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean;
}

let shared: BoxCipher | undefined;

/** The process's cipher: libsodium where its binary runs, else the one in JavaScript, which is several times slower. */
export function boxCipher(): BoxCipher {
  shared ??= createSodiumCipher() ?? createNobleCipher();
  return shared;
}

/** Makes the cipher of libsodium; nothing where there is no binary for this machine. */
export function createSodiumCipher(): BoxCipher | undefined {
  const sodium = loadSodium<Sodium>();
  if (sodium === undefined) return undefined;
  return {
    seal(bytes, { start, end }, { key, nonce }) {
      const data = bytes.subarray(start, end);
      sodium.crypto_secretbox_detached(data, bytes.subarray(start - TAG_BYTES, start), data, nonce, key);
    },
    open(bytes, { start, end }, { key, nonce }) {
      const data = bytes.subarray(start, end);
      return sodium.crypto_secretbox_open_detached(data, data, bytes.subarray(start - TAG_BYTES, start), nonce, key);
    },
  };
}

/** Makes the cipher of @noble/ciphers. */
export function createNobleCipher(): BoxCipher {
  return {
    seal(bytes, { start, end }, { key, nonce }) {
      bytes.set(secretbox(key, nonce).seal(bytes.slice(start, end)), start - TAG_BYTES);
    },
    open(bytes, { start, end }, { key, nonce }) {
      try {
        bytes.set(secretbox(key, nonce).open(bytes.subarray(start - TAG_BYTES, end)), start);
        return true;
      } catch {
        return false;
      }
    },
  };
}
