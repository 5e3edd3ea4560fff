/** Frame flag: another frame of the same message follows. */
export const FLAG_MORE = 1;
/** Frame flag: the size takes eight bytes instead of one. */
export const FLAG_LONG = 2;
/** Frame flag: the frame is a command of the protocol, not a message. */
export const FLAG_COMMAND = 4;

/** Bytes of the longest frame header: flags and an eight-byte size. */
export const HEADER_BYTES_MAX = 9;

const SHORT_SIZE_MAX = 255;
const HIGH_WORD = 2 ** 32;

/** Bytes of the header of a frame with a body of `size` bytes: 2 up to 255, 9 beyond. */
export function headerBytes(size: number): number {
  return size > SHORT_SIZE_MAX ? HEADER_BYTES_MAX : 2;
}

/** Where a frame header goes and what it says; `size` is that of the body. */
export interface FrameHeader {
  readonly at: number;
  readonly flags: number;
  readonly size: number;
}

/**
 * Writes the header of one frame into `bytes` and returns where the body starts.
 * Flags are MORE and COMMAND; LONG follows from the size (RFC 37).
 */
export function writeFrameHeader(bytes: Uint8Array, header: FrameHeader): number {
  const { at, flags, size } = header;
  if (size <= SHORT_SIZE_MAX) {
    bytes[at] = flags;
    bytes[at + 1] = size;
    return at + 2;
  }
  bytes[at] = flags | FLAG_LONG;
  writeUint32(bytes, at + 1, Math.floor(size / HIGH_WORD));
  writeUint32(bytes, at + 5, size >>> 0);
  return at + HEADER_BYTES_MAX;
}

/** Encodes one whole frame in a buffer of its own; for the handshake and for tests, not for the hot path. */
export function encodeFrame(flags: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerBytes(body.length) + body.length);
  bytes.set(body, writeFrameHeader(bytes, { at: 0, flags, size: body.length }));
  return bytes;
}

/** Writes `value` as four bytes, most significant first. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Reads four bytes, most significant first; bytes past the end count as zero. */
export function readUint32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16);
  return (high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}
