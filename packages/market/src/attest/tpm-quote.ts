import { bytesToHex } from "viem";

/** What a TPM signed: TPMS_ATTEST of a quote (TCG TPM 2.0 Library, Part 2, 10.12). Digests are in hex. */
export interface TpmQuote {
  /** What it was asked to sign beside registers. */
  readonly extraData: string;
  /** Whether the clock of the TPM can be believed. */
  readonly isSafe: boolean;
  readonly resets: number;
  readonly restarts: number;
  /** Registers of SHA-256, rising. */
  readonly registers: readonly number[];
  /** Digest of their values, one after another. */
  readonly digest: string;
}

const GENERATED = 0xff544347; // "\xffTCG": it was made in the TPM, not handed to it.
const ATTEST_QUOTE = 0x8018;
const SHA256 = 0x000b;
const ECDSA = 0x0018;
/** More than a quote of all registers has. */
const QUOTE_BYTES_MAX = 4_096;

/** Reads a quote; undefined for what is none, or not over registers of SHA-256 alone. */
export function parseTpmQuote(bytes: Uint8Array): TpmQuote | undefined {
  try {
    const read = reader(bytes);
    if (read.number(4) !== GENERATED || read.number(2) !== ATTEST_QUOTE) return undefined;
    read.sized(); // The name of the key.
    const extraData = read.sized();
    read.number(8); // The clock.
    const [resets, restarts, safe] = [read.number(4), read.number(4), read.number(1)];
    read.number(8); // The version of the firmware.
    if (read.number(4) !== 1 || read.number(2) !== SHA256) return undefined;
    const selected = read.take(read.number(1));
    const registers = Array.from({ length: selected.length * 8 }, (_, index) => index).filter(
      (index) => ((selected[index >> 3] ?? 0) >> (index & 7)) & 1,
    );
    const digest = read.sized();
    if (!read.isAtEnd()) return undefined;
    return {
      extraData: bytesToHex(extraData).slice(2),
      isSafe: safe === 1,
      resets,
      restarts,
      registers,
      digest: bytesToHex(digest).slice(2),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads a signature by ECDSA over P-256 with SHA-256 (TPMT_SIGNATURE): r and s, of 32 bytes each; undefined for any other. */
export function parseTpmSignature(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const read = reader(bytes);
    if (read.number(2) !== ECDSA || read.number(2) !== SHA256) return undefined;
    const [r, s] = [read.sized(), read.sized()];
    if (!read.isAtEnd() || r.length > 32 || s.length > 32) return undefined;
    const both = new Uint8Array(64);
    both.set(r, 32 - r.length);
    both.set(s, 64 - s.length);
    return both;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function reader(bytes: Uint8Array) {
  if (bytes.length > QUOTE_BYTES_MAX) throw new RangeError("it is too long");
  let at = 0;
  const take = (count: number) => {
    if (at + count > bytes.length) throw new RangeError("it ends too soon");
    at += count;
    return bytes.subarray(at - count, at);
  };
  const number = (count: number) => take(count).reduce((value, byte) => value * 256 + byte, 0);
  return { take, number, sized: () => take(number(2)), isAtEnd: () => at === bytes.length };
}
