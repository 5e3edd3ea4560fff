/** A signing key of a TPM, as its public area says it (TPM2B_PUBLIC; TCG TPM 2.0 Library, Part 2, 12.2.4). */
export interface TpmSigningKey {
  /** The public area: its digest is the name of the key. */
  readonly area: Uint8Array;
  /** Coordinates on P-256, of 32 bytes each. */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

const ECC = 0x0023;
const SHA256 = 0x000b;
const NULL = 0x0010;
const ECDSA = 0x0018;
const P256 = 0x0003;
/** fixedTPM, fixedParent, sensitiveDataOrigin, restricted and sign: it was made in a TPM, never leaves it, and signs what that TPM says alone. */
const NEEDED = 0x2 | 0x10 | 0x20 | 0x10000 | 0x40000;
/** decrypt: a key that signs must do nothing else. */
const FORBIDDEN = 0x20000;

/** Reads a key by which a TPM signs quotes; undefined for any other. */
export function parseTpmSigningKey(bytes: Uint8Array): TpmSigningKey | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const area = bytes.subarray(2, 2 + view.getUint16(0));
    const attributes = view.getUint32(6);
    if (area.length !== bytes.length - 2 || view.getUint16(2) !== ECC || view.getUint16(4) !== SHA256) return undefined;
    if ((attributes & NEEDED) !== NEEDED || (attributes & FORBIDDEN) !== 0) return undefined;
    const parameters = 12 + view.getUint16(10);
    const said = [0, 2, 4, 6, 8].map((at) => view.getUint16(parameters + at));
    if (said.join() !== [NULL, ECDSA, SHA256, P256, NULL].join()) return undefined;
    const xAt = parameters + 10;
    const yAt = xAt + 2 + view.getUint16(xAt);
    const [x, y] = [xAt, yAt].map((at) => padded(bytes.subarray(at + 2, at + 2 + view.getUint16(at))));
    if (x === undefined || y === undefined || yAt + 2 + view.getUint16(yAt) !== bytes.length) return undefined;
    return { area, x, y };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function padded(number: Uint8Array): Uint8Array | undefined {
  if (number.length > 32) return undefined;
  const whole = new Uint8Array(32);
  whole.set(number, 32 - number.length);
  return whole;
}
