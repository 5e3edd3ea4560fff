const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one message of protobuf, field by field. What is cut short or of another type throws an Error that says where. */
export interface ProtoReader {
  /** Number of the field that `next` came to. */
  readonly field: number;
  /** Goes to the next field; false at the end. */
  next(): boolean;
  /** A whole number from 0 to 2^53 - 1. */
  number(): number;
  text(): string;
  /** A view of what is read. */
  bytes(): Uint8Array;
  /** Passes over a field that is not known. */
  skip(): void;
}

/** Makes a reader of one message. */
export function createProtoReader(data: Uint8Array): ProtoReader {
  return new Reader(data);
}

class Reader implements ProtoReader {
  field = 0;
  #type = 0;
  #at = 0;
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  next(): boolean {
    if (this.#at === this.#data.length) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#type = tag % 8;
    if (this.field === 0) this.#fail("field number 0");
    return true;
  }

  number(): number {
    if (this.#type !== 0) this.#fail(`field ${this.field} is no number`);
    return this.#varint();
  }

  text(): string {
    const at = this.#at;
    try {
      return decoder.decode(this.bytes());
    } catch (cause) {
      if (this.#at > at && cause instanceof TypeError) this.#fail(`field ${this.field} is not UTF-8`);
      throw cause;
    }
  }

  bytes(): Uint8Array {
    if (this.#type !== 2) this.#fail(`field ${this.field} is no text or bytes`);
    const length = this.#varint();
    return this.#data.subarray(this.#at, this.#step(length));
  }

  skip(): void {
    if (this.#type === 0) this.#varint();
    else if (this.#type === 1) this.#step(8);
    else if (this.#type === 2) this.#step(this.#varint());
    else if (this.#type === 5) this.#step(4);
    else this.#fail(`wire type ${this.#type}`);
  }

  #step(count: number): number {
    if (count > this.#data.length - this.#at) this.#fail("truncated");
    this.#at += count;
    return this.#at;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      if (this.#at === this.#data.length) this.#fail("truncated");
      const byte = this.#data[this.#at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) {
        if (value <= Number.MAX_SAFE_INTEGER) return value;
        break;
      }
    }
    return this.#fail("a number is too large");
  }

  #fail(reason: string): never {
    throw new Error(`${reason}, at byte ${this.#at} of ${this.#data.length}`);
  }
}
