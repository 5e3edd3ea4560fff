import { violation } from "./errors.ts";

/** Sizes of the CURVE commands in bytes, name included (RFC 26); all but INITIATE and READY are exact. */
export const CURVE_SIZES = {
  hello: 200,
  welcome: 168,
  initiateMin: 257,
  readyMin: 30,
  cookie: 96,
  key: 32,
  shortNonce: 8,
  longNonce: 16,
} as const;

/**
 * Nonce prefixes of the CURVE boxes (RFC 26). With 8 bytes of counter the prefix has 16, with 16 random bytes it
 * has 8.
 */
export const CURVE_NONCES = {
  hello: "CurveZMQHELLO---",
  welcome: "WELCOME-",
  cookie: "COOKIE--",
  vouch: "VOUCH---",
  initiate: "CurveZMQINITIATE",
  ready: "CurveZMQREADY---",
} as const;

/** The eight-byte form of a short nonce, most significant byte first. */
export function shortNonce(count: number): Uint8Array {
  const bytes = new Uint8Array(CURVE_SIZES.shortNonce);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count));
  return bytes;
}

/**
 * Reads a short nonce.
 * @throws PeerFault `protocol_violation` above 2^53, where no honest peer's handshake is.
 */
export function readShortNonce(bytes: Uint8Array): number {
  const count = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0));
  if (!Number.isSafeInteger(count)) throw violation("its handshake counts from an impossible number");
  return count;
}

/** Joins byte strings. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
