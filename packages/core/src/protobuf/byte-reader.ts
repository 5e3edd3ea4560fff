import { MESSAGE_DEPTH_MAX } from "./limits.ts";
import { createShortTextReader } from "./short-text.ts";
import { WireType } from "./wire-type.ts";

/** Joins the two halves of 64-bit values; used only within one call. */
const halves = new DataView(new ArrayBuffer(8));
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const looseDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
const shortText = createShortTextReader();
const NOTHING = new Uint8Array(0);

/**
 * Bytes being read, in protobuf's encodings. Nothing is read beyond `length`: whatever is cut short throws an Error whose message is
 * only the reason, such as `truncated at byte 12 of 20`; who calls knows what was being decoded. It takes what protobuf-es takes:
 * varints of up to ten bytes, cut to the size of their type.
 */
class ByteReader {
  bytes: Uint8Array;
  position = 0;
  length: number;
  /** Halves of the last 64-bit value. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.length = bytes.length;
  }

  /** Starts on other bytes. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.length = bytes.length;
    this.position = 0;
  }

  /** Lets go of the bytes. */
  release(): void {
    this.reset(NOTHING);
  }

  /** Throws, saying where. */
  fail(reason: string): never {
    throw new Error(`${reason} at byte ${Math.min(this.position, this.length)} of ${this.length}`);
  }

  /** Makes sure that `count` bytes are left, and steps over them. Gives their start. */
  take(count: number): number {
    const start = this.position;
    if (start + count > this.length) this.fail("truncated");
    this.position = start + count;
    return start;
  }

  /** Reads a tag: field number times 8, plus wire type. */
  tag(): number {
    if (this.position < this.length) {
      const first = this.bytes[this.position] as number;
      if (first < 0x80 && first > 7 && (first & 7) < 6) {
        this.position += 1;
        return first;
      }
    }
    return this.#longTag();
  }

  #longTag(): number {
    const start = this.position;
    const tag = this.uint32();
    const size = this.position - start;
    const overflows = size > 5 || (size === 5 && (this.bytes[this.position - 1] as number) > 0x0f);
    if (overflows || tag < 8 || (tag & 7) > 5) {
      this.position = start;
      this.fail(overflows ? "malformed field number" : `field number ${tag >>> 3} of wire type ${tag & 7}`);
    }
    return tag;
  }

  /** Reads an unsigned 32-bit varint. */
  uint32(): number {
    if (this.position < this.length) {
      const first = this.bytes[this.position] as number;
      if (first < 0x80) {
        this.position += 1;
        return first;
      }
    }
    return this.#longUint32();
  }

  #longUint32(): number {
    const bytes = this.bytes;
    const end = Math.min(this.position + 10, this.length);
    let position = this.position;
    let value = 0;
    for (let shift = 0; position < end; shift += 7) {
      const byte = bytes[position++] as number;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = position;
        return value >>> 0;
      }
    }
    return this.fail(end === this.length ? "truncated" : "number of more than ten bytes");
  }

  /** Reads a signed 32-bit varint. */
  int32(): number {
    return this.uint32() | 0;
  }

  /** Reads a zigzag 32-bit varint. */
  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Reads an unsigned 64-bit varint as a number; refuses one above 2^53 - 1. */
  uint53(): number {
    // Up to four bytes fit a small integer; most numbers do.
    const end = Math.min(this.position + 4, this.length);
    let value = 0;
    for (let position = this.position, shift = 0; position < end; shift += 7) {
      const byte = this.bytes[position++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = position;
        return value;
      }
    }
    this.#varint64();
    if (this.#high > 0x1fffff) this.fail("number beyond 2^53 - 1");
    return this.#high * 0x100000000 + this.#low;
  }

  #varint64(): void {
    const bytes = this.bytes;
    const end = Math.min(this.position + 10, this.length);
    let position = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; position < end; shift += 7) {
      const byte = bytes[position++] as number;
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >>> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        this.position = position;
        return;
      }
    }
    this.fail(end === this.length ? "truncated" : "number of more than ten bytes");
  }

  /** Reads a signed 64-bit varint. */
  int64(): bigint {
    this.#varint64();
    return signed(this.#low, this.#high);
  }

  /** Reads an unsigned 64-bit varint. */
  uint64(): bigint {
    this.#varint64();
    return unsigned(this.#low, this.#high);
  }

  /** Reads a zigzag 64-bit varint. */
  sint64(): bigint {
    this.#varint64();
    const low = this.#low;
    const high = this.#high;
    const sign = -(low & 1);
    return signed(((low >>> 1) | ((high & 1) << 31)) ^ sign, (high >>> 1) ^ sign);
  }

  /** Reads a bool: any varint but 0 is true. */
  bool(): boolean {
    if (this.position < this.length) {
      const first = this.bytes[this.position] as number;
      if (first < 0x80) {
        this.position += 1;
        return first !== 0;
      }
    }
    this.#varint64();
    return this.#low !== 0 || this.#high !== 0;
  }

  /** Reads four bytes as a signed number. */
  sfixed32(): number {
    return this.#word(this.take(4));
  }

  #word(start: number): number {
    const bytes = this.bytes;
    return (
      (bytes[start] as number) |
      ((bytes[start + 1] as number) << 8) |
      ((bytes[start + 2] as number) << 16) |
      ((bytes[start + 3] as number) << 24)
    );
  }

  /** Reads four bytes as an unsigned number. */
  fixed32(): number {
    return this.sfixed32() >>> 0;
  }

  /** Reads eight bytes as a signed number. */
  sfixed64(): bigint {
    const start = this.take(8);
    return signed(this.#word(start), this.#word(start + 4));
  }

  /** Reads eight bytes as an unsigned number. */
  fixed64(): bigint {
    const start = this.take(8);
    return unsigned(this.#word(start), this.#word(start + 4));
  }

  /** Reads a 32-bit floating point number. */
  float(): number {
    halves.setInt32(0, this.sfixed32(), true);
    return halves.getFloat32(0, true);
  }

  /** Reads a 64-bit floating point number. */
  double(): number {
    const start = this.take(8);
    halves.setInt32(0, this.#word(start), true);
    halves.setInt32(4, this.#word(start + 4), true);
    return halves.getFloat64(0, true);
  }

  /** Reads a length and gives the position where what it counts ends; throws when that lies beyond the bytes. */
  end(): number {
    const size = this.uint32();
    if (this.position + size > this.length) this.fail("truncated");
    return this.position + size;
  }

  /** Reads text; refuses what is no UTF-8. */
  text(): string {
    const size = this.uint32();
    const start = this.take(size);
    return shortText(this.bytes, start, size) ?? this.#longText(start, size);
  }

  #longText(start: number, size: number): string {
    try {
      return strictDecoder.decode(this.#look(start, size));
    } catch {
      this.position = start;
      return this.fail("invalid UTF-8");
    }
  }

  /** Reads text; what is no UTF-8 becomes U+FFFD, as fields of proto2 have it. */
  looseText(): string {
    const size = this.uint32();
    const start = this.take(size);
    return shortText(this.bytes, start, size) ?? looseDecoder.decode(this.#look(start, size));
  }

  /** Reads bytes with their length before them, into memory of their own. */
  data(): Uint8Array<ArrayBuffer> {
    const size = this.uint32();
    return this.copy(this.take(size), this.position);
  }

  /** Copies a stretch of the bytes. Never by `slice`, which in a Node buffer does not copy. */
  copy(start: number, end: number): Uint8Array<ArrayBuffer> {
    const size = end - start;
    if (size > 32) return new Uint8Array(this.#look(start, size));
    const copied = new Uint8Array(size);
    for (let index = 0; index < size; index++) copied[index] = this.bytes[start + index] as number;
    return copied;
  }

  #look(start: number, size: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, size);
  }

  /** Steps over the value of a field. `depth` is how deep the message lies that has the field; groups count on from there. */
  skip(tag: number, depth: number): void {
    switch (tag & 7) {
      case WireType.varint:
        while ((this.bytes[this.take(1)] as number) > 0x7f);
        return;
      case WireType.fixed64:
        this.take(8);
        return;
      case WireType.fixed32:
        this.take(4);
        return;
      case WireType.lengthDelimited:
        this.take(this.uint32());
        return;
      case WireType.startGroup:
        this.#skipGroup(tag >>> 3, depth);
        return;
      default:
        this.fail(`end of group ${tag >>> 3}, which was not begun,`);
    }
  }

  #skipGroup(number: number, depth: number): void {
    if (depth >= MESSAGE_DEPTH_MAX) this.fail(`more than ${MESSAGE_DEPTH_MAX} nested messages`);
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) === WireType.endGroup) {
        if (tag >>> 3 !== number) this.fail(`end of group ${tag >>> 3} within group ${number}`);
        return;
      }
      this.skip(tag, depth + 1);
    }
  }
}

function signed(low: number, high: number): bigint {
  halves.setInt32(0, low, true);
  halves.setInt32(4, high, true);
  return halves.getBigInt64(0, true);
}

function unsigned(low: number, high: number): bigint {
  halves.setInt32(0, low, true);
  halves.setInt32(4, high, true);
  return halves.getBigUint64(0, true);
}

export type { ByteReader };

/** Makes a reader that stands at the first of the bytes. It looks at them and does not change them. */
export function createByteReader(bytes: Uint8Array): ByteReader {
  return new ByteReader(bytes);
}
