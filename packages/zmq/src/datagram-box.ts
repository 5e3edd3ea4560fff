import { boxCipher, TAG_BYTES } from "./box-cipher.ts";
import { deriveBoxKey } from "./curve-box.ts";
import { assertCurveKeyPair, type CurveKeyPair, encodeHex } from "./curve-key.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { importSecretKey, KEY_BYTES } from "./x25519.ts";

/** What is in a sealed datagram, and whose it is. */
export interface OpenedDatagram {
  /** Public key of the sender, 32 bytes. */
  readonly from: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Seals single datagrams between known keys, as CURVE does with connections. */
export interface DatagramBox {
  /** Bytes that a sealed datagram is longer than what is in it. */
  readonly overheadBytes: number;
  /** Encrypts for one receiver, in this side's name. @throws PeerFault for a key that makes no secret. */
  seal(bytes: Uint8Array, to: Uint8Array): Uint8Array;
  /** Opens a datagram of a sender that is allowed; undefined for anything else. */
  open(datagram: Uint8Array, isAllowed: (from: Uint8Array) => boolean): OpenedDatagram | undefined;
}

const NONCE_BYTES = 24;
/** Bytes of the receiver's key that stand inside: keys of boxes are the same both ways, and nothing may be sent back as an answer. */
const NAMED_BYTES = 8;
const NONCE_AT = KEY_BYTES;
const TAG_AT = NONCE_AT + NONCE_BYTES;
const DATA_AT = TAG_AT + TAG_BYTES;
const OVERHEAD = DATA_AT + NAMED_BYTES;
/** Keys of boxes that are kept; those that were made first go. */
const KEYS_KEPT_MAX = 4_096;

/**
 * Makes a box: X25519 and XSalsa20-Poly1305 under a nonce drawn for each datagram. It tells who sent a datagram, not when: whoever hears one may send
 * it again.
 * @throws ZmqError `invalid_argument` for keys that cannot be.
 */
export function createDatagramBox(keyPair: CurveKeyPair): DatagramBox {
  assertCurveKeyPair(keyPair);
  const secretKey = importSecretKey(keyPair.secretKey);
  const keys = new Map<string, Uint8Array>();
  const keyWith = (other: Uint8Array): Uint8Array => {
    const name = encodeHex(other);
    const key = keys.get(name) ?? deriveBoxKey(secretKey, other);
    keys.set(name, key);
    const [oldest] = keys.keys();
    if (keys.size > KEYS_KEPT_MAX && oldest !== undefined) keys.delete(oldest);
    return key;
  };
  return {
    overheadBytes: OVERHEAD,
    seal(bytes, to) {
      const sealed = new Uint8Array(OVERHEAD + bytes.length);
      sealed.set(keyPair.publicKey);
      const nonce = nodeCrypto().randomBytes(NONCE_BYTES);
      sealed.set(nonce, NONCE_AT);
      sealed.set(to.subarray(0, NAMED_BYTES), DATA_AT);
      sealed.set(bytes, OVERHEAD);
      boxCipher().seal(sealed, { start: DATA_AT, end: sealed.length }, { key: keyWith(to), nonce });
      return sealed;
    },
    open(datagram, isAllowed) {
      if (datagram.length < OVERHEAD) return undefined;
      const from = datagram.slice(0, KEY_BYTES);
      if (!isAllowed(from)) return undefined; // Before any sum is done for a stranger.
      const plain = Uint8Array.from(datagram);
      const nonce = plain.slice(NONCE_AT, TAG_AT);
      if (!isOpened(plain, nonce, () => keyWith(from))) return undefined;
      const named = plain.subarray(DATA_AT, OVERHEAD);
      if (!named.every((byte, index) => byte === keyPair.publicKey[index])) return undefined;
      return { from, bytes: plain.subarray(OVERHEAD) };
    },
  };
}

function isOpened(plain: Uint8Array, nonce: Uint8Array, key: () => Uint8Array): boolean {
  try {
    return boxCipher().open(plain, { start: DATA_AT, end: plain.length }, { key: key(), nonce });
  } catch {
    return false; // A key that makes no secret.
  }
}
