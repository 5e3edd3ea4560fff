import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { loadSodium } from "./load-sodium.ts";

/** Bytes of the authenticator, which stands behind what is encrypted. */
export const AEAD_TAG_BYTES = 16;

/** Bytes of a nonce: long enough to be drawn by lot for every message. */
export const AEAD_NONCE_BYTES = 24;

/** Key, 32 bytes, nonce, 24 bytes, and what is authenticated beside the data. A key and nonce must never seal twice. */
export interface AeadKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly about: Uint8Array;
}

/** XChaCha20-Poly1305 as libsodium has it. */
export interface AeadCipher {
  /** Writes the encrypted data and its tag into `sealed`, which is as long as both. */
  seal(plain: Uint8Array, sealed: Uint8Array, by: AeadKey): void;
  /** Checks the tag and gives the data in a buffer of its own, or nothing when the tag is not right. */
  open(sealed: Uint8Array, by: AeadKey): Uint8Array | undefined;
}

/** What is used of libsodium. */
interface Sodium {
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed: Uint8Array,
    plain: Uint8Array,
    about: Uint8Array,
    none: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    plain: Uint8Array,
    none: null,
    sealed: Uint8Array,
    about: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
}

let shared: AeadCipher | undefined;

/** The process's cipher: libsodium where its binary runs, else the one in JavaScript, which is several times slower. */
export function aeadCipher(): AeadCipher {
  shared ??= createSodiumAead() ?? createNobleAead();
  return shared;
}

/** Makes the cipher of libsodium; nothing where there is no binary for this machine. */
export function createSodiumAead(): AeadCipher | undefined {
  const sodium = loadSodium<Sodium>();
  if (sodium === undefined) return undefined;
  return {
    seal(plain, sealed, { key, nonce, about }) {
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, plain, about, null, nonce, key);
    },
    open(sealed, { key, nonce, about }) {
      const plain = new Uint8Array(sealed.length - AEAD_TAG_BYTES);
      try {
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, sealed, about, nonce, key);
        return plain;
      } catch {
        return undefined;
      }
    },
  };
}

/** Makes the cipher of @noble/ciphers. */
export function createNobleAead(): AeadCipher {
  return {
    seal(plain, sealed, { key, nonce, about }) {
      sealed.set(xchacha20poly1305(key, nonce, about).encrypt(plain));
    },
    open(sealed, { key, nonce, about }) {
      try {
        return xchacha20poly1305(key, nonce, about).decrypt(sealed);
      } catch {
        return undefined;
      }
    },
  };
}
