/** Writes one message of protobuf; what is empty or zero is left out. */
export class Writer {
  private room: Uint8Array = new Uint8Array(256);
  private length: i32 = 0;

  number(field: u32, value: u64): void {
    if (value == 0) return;
    this.varint(field << 3);
    this.varint(value);
  }

  text(field: u32, value: string): void {
    if (value.length > 0) this.block(field, Uint8Array.wrap(String.UTF8.encode(value)));
  }

  bytes(field: u32, value: Uint8Array): void {
    if (value.length > 0) this.block(field, value);
  }

  /** Bytes of a message within this one; written although they are none. */
  block(field: u32, value: Uint8Array): void {
    this.varint((field << 3) | 2);
    this.varint(value.length);
    this.reserve(value.length);
    memory.copy(this.room.dataStart + this.length, value.dataStart, value.length);
    this.length += value.length;
  }

  /** Moves what was written to memory that is the host's from now on, and tells where. */
  leave(): u64 {
    const pointer = heap.alloc(this.length);
    memory.copy(pointer, this.room.dataStart, this.length);
    return ((pointer as u64) << 32) | (this.length as u64);
  }

  finish(): Uint8Array {
    return this.room.slice(0, this.length);
  }

  private varint(value: u64): void {
    this.reserve(10);
    while (value > 127) {
      this.room[this.length++] = ((value & 127) | 128) as u8;
      value >>= 7;
    }
    this.room[this.length++] = value as u8;
  }

  private reserve(count: i32): void {
    if (this.length + count <= this.room.length) return;
    const grown = new Uint8Array(max(this.room.length * 2, this.length + count));
    memory.copy(grown.dataStart, this.room.dataStart, this.length);
    this.room = grown;
  }
}

/** Reads one message of protobuf, which its host has written: what does not fit traps. */
export class Reader {
  field: u32 = 0;
  private type: u32 = 0;
  private at: usize;
  private end: usize;

  constructor(pointer: usize, length: i32) {
    this.at = pointer;
    this.end = pointer + length;
  }

  static of(bytes: Uint8Array): Reader {
    return new Reader(bytes.dataStart, bytes.length);
  }

  next(): bool {
    if (this.at >= this.end) return false;
    const tag = this.number() as u32;
    this.field = tag >> 3;
    this.type = tag & 7;
    return true;
  }

  number(): u64 {
    let value: u64 = 0;
    let shift: u64 = 0;
    while (true) {
      const byte = load<u8>(this.at++) as u64;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
      shift += 7;
    }
  }

  text(): string {
    const length = this.number() as i32;
    const text = String.UTF8.decodeUnsafe(this.at, length);
    this.at += length;
    return text;
  }

  bytes(): Uint8Array {
    const length = this.number() as i32;
    const bytes = new Uint8Array(length);
    memory.copy(bytes.dataStart, this.at, length);
    this.at += length;
    return bytes;
  }

  skip(): void {
    if (this.type == 0) this.number();
    else if (this.type == 1) this.at += 8;
    else if (this.type == 5) this.at += 4;
    else if (this.type == 2) {
      const length = this.number() as usize;
      this.at += length;
    } else unreachable();
  }
}
