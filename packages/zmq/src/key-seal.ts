import type { Seal } from "@orrery/core";
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES, type AeadCipher, aeadCipher } from "./aead-cipher.ts";
import { ZmqError } from "./errors.ts";
import { SEAL_KEYS_MAX } from "./limits.ts";
import { realSystem, type ZmqSystem } from "./system.ts";
import { KEY_BYTES } from "./x25519.ts";

/** Bytes that a sealed body has more than the body: a nonce before it and an authenticator behind it. */
export const KEY_SEAL_OVERHEAD_BYTES = AEAD_NONCE_BYTES + AEAD_TAG_BYTES;

/** Nonces drawn at a time. */
const NONCES_DRAWN = 128;

/** Options of a seal with shared keys. */
export interface KeySealOptions {
  /** Name of the seal, the same at both sides: 1 to 64 letters, digits, dots, dashes or underscores. */
  readonly name: string;
  /** Keys of 32 bytes each, at most `SEAL_KEYS_MAX`. The first seals, all of them open. */
  readonly keys: readonly Uint8Array[];
  /** Where nonces come from. Default: the machine's source of chance, which is the only one that is safe outside a simulation. */
  readonly system?: Pick<ZmqSystem, "randomBytes">;
}

/** Draws a key for a seal, 32 bytes. `system` is where it comes from; default the machine's. */
export function createSealKey(system: Pick<ZmqSystem, "randomBytes"> = realSystem): Uint8Array {
  return Uint8Array.from(system.randomBytes(KEY_BYTES));
}

/**
 * Makes a seal of keys that both sides share: XChaCha20-Poly1305 with a nonce drawn for each body. A sealed body is `KEY_SEAL_OVERHEAD_BYTES`
 * longer. To change a key, first give the new one to all as an older one, then put it first, then take the old one away.
 * @throws ZmqError `invalid_argument` for no key, too many, one of another length, or one that stands there twice.
 */
export function createKeySeal({ name, keys, system = realSystem }: KeySealOptions): Seal {
  assertKeys(name, keys);
  return new KeySeal(name, keys, { cipher: aeadCipher(), system });
}

/** Owns: copies of its keys, and nonces that were drawn and not used. I1: no nonce is used twice. */
class KeySeal implements Seal {
  readonly name: string;
  readonly #keys: readonly Uint8Array[];
  readonly #cipher: AeadCipher;
  readonly #system: Pick<ZmqSystem, "randomBytes">;
  #nonces = new Uint8Array(0);
  /** Of the body that is being sealed or opened: to write over it takes less than to make another. */
  readonly #nonce = new Uint8Array(AEAD_NONCE_BYTES);
  #used = 0;

  constructor(
    name: string,
    keys: readonly Uint8Array[],
    { cipher, system }: { readonly cipher: AeadCipher; readonly system: Pick<ZmqSystem, "randomBytes"> },
  ) {
    this.name = name;
    this.#keys = keys.map((key) => Uint8Array.from(key));
    this.#cipher = cipher;
    this.#system = system;
  }

  seal(body: Uint8Array, about: Uint8Array): Uint8Array {
    const sealed = new Uint8Array(KEY_SEAL_OVERHEAD_BYTES + body.length);
    this.#drawNonce();
    const nonce = this.#nonce;
    for (let index = 0; index < AEAD_NONCE_BYTES; index++) sealed[index] = nonce[index] as number;
    this.#cipher.seal(body, sealed.subarray(AEAD_NONCE_BYTES), { key: this.#keys[0] as Uint8Array, nonce, about });
    return sealed;
  }

  open(sealed: Uint8Array, about: Uint8Array): Uint8Array | undefined {
    if (sealed.length < KEY_SEAL_OVERHEAD_BYTES) return undefined;
    const nonce = this.#nonce;
    for (let index = 0; index < AEAD_NONCE_BYTES; index++) nonce[index] = sealed[index] as number;
    const rest = sealed.subarray(AEAD_NONCE_BYTES);
    for (const key of this.#keys) {
      const body = this.#cipher.open(rest, { key, nonce, about });
      if (body !== undefined) return body;
    }
    return undefined;
  }

  #drawNonce(): void {
    if (this.#used === this.#nonces.length) {
      this.#nonces = Uint8Array.from(this.#system.randomBytes(AEAD_NONCE_BYTES * NONCES_DRAWN));
      this.#used = 0;
    }
    const nonces = this.#nonces;
    for (let index = 0; index < AEAD_NONCE_BYTES; index++) this.#nonce[index] = nonces[this.#used++] as number; // I1
  }
}

function assertKeys(name: string, keys: readonly Uint8Array[]): void {
  const refuse = (why: string) => new ZmqError("invalid_argument", `Cannot make seal "${name}": ${why}`);
  if (keys.length === 0) throw refuse("it has no key, give it one of createSealKey()");
  if (keys.length > SEAL_KEYS_MAX) throw refuse(`it has ${keys.length} keys, the limit is ${SEAL_KEYS_MAX}`);
  const odd = keys.find((key) => key.length !== KEY_BYTES);
  if (odd !== undefined) throw refuse(`a key of it has ${odd.length} bytes, a key has ${KEY_BYTES}`);
  if (new Set(keys.map(String)).size < keys.length) throw refuse("one of its keys stands there twice");
}
