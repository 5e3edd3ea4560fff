/** Reads a WebAssembly module from front to back. What is cut short throws an Error that says where. */
export interface ByteCursor {
  position: number;
  readonly length: number;
  byte(): number;
  /** An unsigned number of 32 bits in LEB128. */
  u32(): number;
  /** Steps over a signed number of up to 64 bits. */
  skipSigned(): void;
  skip(count: number): void;
  bytes(count: number): Uint8Array;
  name(): string;
  fail(reason: string): never;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Makes a cursor over bytes. */
export function createByteCursor(data: Uint8Array): ByteCursor {
  return new Cursor(data);
}

class Cursor implements ByteCursor {
  position = 0;
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  get length(): number {
    return this.#data.length;
  }

  byte(): number {
    const value = this.#data[this.position];
    if (value === undefined) this.fail("it is cut short");
    this.position += 1;
    return value;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value < 2 ** 32 ? value : this.fail("a number has more than 32 bits");
    }
    return this.fail("a number has more than 32 bits");
  }

  skipSigned(): void {
    for (let count = 0; count < 10; count++) if (this.byte() < 128) return;
    this.fail("a number has more than 64 bits");
  }

  skip(count: number): void {
    if (count > this.#data.length - this.position) this.fail("it is cut short");
    this.position += count;
  }

  bytes(count: number): Uint8Array {
    const start = this.position;
    this.skip(count);
    return this.#data.subarray(start, this.position);
  }

  name(): string {
    try {
      return decoder.decode(this.bytes(this.u32()));
    } catch (error) {
      if (error instanceof TypeError) return this.fail("a name is not UTF-8");
      throw error;
    }
  }

  fail(reason: string): never {
    throw new Error(`${reason} (at byte ${this.position})`);
  }
}

/** Writes an unsigned number of 32 bits in LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}
