import { SHORT_TEXT_WRITE_MAX, WRITER_BYTES_INITIAL } from "./limits.ts";

/** Writes the two halves of 64-bit integers; used only within one call. */
const halves = new DataView(new ArrayBuffer(8));
const encoder = new TextEncoder();

/**
 * Bytes in the making, in protobuf's encodings. It grows as needed. Numbers are taken to be in range: who calls has checked them.
 * `position` is where the next byte goes; it may be set back to undo what was written after it.
 */
class ByteWriter {
  /** The room; longer than what is written, and replaced when it grows. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Looks at `bytes`. */
  view: DataView<ArrayBuffer>;
  position = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Goes on in another buffer, from `position` on; what is written here stays behind. */
  moveTo(bytes: Uint8Array<ArrayBuffer>, position: number): void {
    this.position = position;
    if (this.bytes === bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Makes sure that `count` more bytes fit. */
  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.position + count));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Writes one byte: a bool, or a varint below 128. */
  byte(value: number): void {
    if (this.position === this.bytes.length) this.#grow(1);
    this.bytes[this.position++] = value;
  }

  /** Writes an unsigned 32-bit varint. */
  uint32(value: number): void {
    if (this.position + 5 > this.bytes.length) this.#grow(5);
    if (value < 0x80) this.bytes[this.position++] = value;
    else this.#longUint32(value);
  }

  #longUint32(value: number): void {
    const bytes = this.bytes;
    let position = this.position;
    let rest = value >>> 0;
    while (rest > 0x7f) {
      bytes[position++] = rest | 0x80;
      rest >>>= 7;
    }
    bytes[position++] = rest;
    this.position = position;
  }

  /** Writes a signed 32-bit varint; a negative one takes ten bytes, as protobuf has it. */
  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.varint64(value >>> 0, 0xffffffff);
  }

  /** Writes a zigzag 32-bit varint. */
  sint32(value: number): void {
    this.uint32(((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** Writes a whole number from 0 to 2^53 - 1 as an unsigned 64-bit varint. */
  uint53(value: number): void {
    if (value <= 0xffffffff) this.uint32(value);
    else this.varint64(value >>> 0, Math.floor(value / 0x100000000));
  }

  /** Writes a 64-bit varint given as two unsigned halves. */
  varint64(low: number, high: number): void {
    if (this.position + 10 > this.bytes.length) this.#grow(10);
    const bytes = this.bytes;
    let position = this.position;
    let lower = low;
    let upper = high;
    while (upper !== 0) {
      bytes[position++] = lower | 0x80;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    while (lower > 0x7f) {
      bytes[position++] = lower | 0x80;
      lower >>>= 7;
    }
    bytes[position++] = lower;
    this.position = position;
  }

  /** Writes a 64-bit varint; a negative value as its two's complement, so this serves int64 and uint64. */
  int64(value: bigint): void {
    halves.setBigInt64(0, value, true);
    this.varint64(halves.getUint32(0, true), halves.getUint32(4, true));
  }

  /** Writes a zigzag 64-bit varint. */
  sint64(value: bigint): void {
    halves.setBigInt64(0, value, true);
    const low = halves.getInt32(0, true);
    const high = halves.getInt32(4, true);
    const sign = high >> 31;
    this.varint64(((low << 1) ^ sign) >>> 0, (((high << 1) | (low >>> 31)) ^ sign) >>> 0);
  }

  /** Writes four bytes, signed or unsigned. */
  fixed32(value: number): void {
    if (this.position + 4 > this.bytes.length) this.#grow(4);
    this.view.setInt32(this.position, value, true);
    this.position += 4;
  }

  /** Writes eight bytes, signed or unsigned. */
  fixed64(value: bigint): void {
    if (this.position + 8 > this.bytes.length) this.#grow(8);
    this.view.setBigInt64(this.position, value, true);
    this.position += 8;
  }

  /** Writes a 32-bit floating point number. */
  float(value: number): void {
    if (this.position + 4 > this.bytes.length) this.#grow(4);
    this.view.setFloat32(this.position, value, true);
    this.position += 4;
  }

  /** Writes a 64-bit floating point number. */
  double(value: number): void {
    if (this.position + 8 > this.bytes.length) this.#grow(8);
    this.view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  /** Writes text as its length in bytes and its UTF-8; half a surrogate pair becomes U+FFFD. */
  text(value: string): void {
    const length = value.length;
    if (length > SHORT_TEXT_WRITE_MAX) {
      this.#longText(value);
      return;
    }
    if (this.position + length + 1 > this.bytes.length) this.#grow(length + 1);
    const bytes = this.bytes;
    let position = this.position;
    bytes[position++] = length;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        this.#longText(value);
        return;
      }
      bytes[position++] = code;
    }
    this.position = position;
  }

  #longText(value: string): void {
    this.reserve(value.length * 3 + 5);
    const start = this.begin();
    this.position = start + encoder.encodeInto(value, this.bytes.subarray(start)).written;
    this.end(start);
  }

  /** Writes bytes with their length before them. */
  data(value: Uint8Array): void {
    this.uint32(value.length);
    this.raw(value);
  }

  /** Writes bytes as they are. */
  raw(value: Uint8Array): void {
    if (this.position + value.length > this.bytes.length) this.#grow(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  /**
   * Leaves room for a length and gives the place where what it counts begins; to be passed to `end`, with the same `expected`: about
   * how many bytes will follow. A good guess saves `end` from moving them.
   */
  begin(expected = 0): number {
    const room = lengthBytes(expected);
    if (this.position + room > this.bytes.length) this.#grow(room);
    this.position += room;
    return this.position;
  }

  /**
   * Fills in the length of what was written since `begin`, moving it when the length takes more or fewer bytes than were left for it.
   * `beside` counts bytes that belong to it and are kept elsewhere.
   */
  end(start: number, expected = 0, beside = 0): void {
    const written = this.position - start;
    const size = written + beside;
    if (size < 0x80 && expected < 0x80) {
      this.bytes[start - 1] = size;
      return;
    }
    const room = lengthBytes(expected);
    const shift = lengthBytes(size) - room;
    if (shift !== 0) {
      if (shift > 0) this.reserve(shift);
      this.bytes.copyWithin(start + shift, start, this.position);
    }
    this.position = start - room;
    this.#longUint32(size);
    this.position += written;
  }

  /** Gives a copy of what is written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.position);
  }
}

/** Bytes that a length takes as a varint. */
function lengthBytes(size: number): number {
  if (size < 0x80) return 1;
  return size < 0x4000 ? 2 : size < 0x200000 ? 3 : size < 0x10000000 ? 4 : 5;
}

export type { ByteWriter };

/** Makes an empty writer. `capacity` is in bytes; it grows beyond by itself. */
export function createByteWriter(capacity: number = WRITER_BYTES_INITIAL): ByteWriter {
  return new ByteWriter(capacity);
}
