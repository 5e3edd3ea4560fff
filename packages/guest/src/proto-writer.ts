const encoder = new TextEncoder();
const BYTES_INITIAL = 256;
/** Room that is kept for the next writer. */
const BYTES_KEPT_MAX = 65_536;
let kept: Uint8Array<ArrayBuffer> | undefined;

/** Writes one message of protobuf, field by field; what is empty or zero is left out, as protobuf has it. */
export interface ProtoWriter {
  /** A whole number from 0 to 2^53 - 1. */
  number(field: number, value: number): void;
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  /** A message within this one; written although it is empty. */
  message(field: number, value: Uint8Array): void;
  /** What was written. The writer is done with. */
  finish(): Uint8Array<ArrayBuffer>;
}

/** Makes a writer of one message. */
export function createProtoWriter(): ProtoWriter {
  let room = kept ?? new Uint8Array(BYTES_INITIAL);
  kept = undefined; // A writer of an inner message finds none, and makes its own.
  let length = 0;

  const reserve = (count: number) => {
    if (length + count <= room.length) return;
    const grown = new Uint8Array(Math.max(room.length * 2, length + count));
    grown.set(room.subarray(0, length));
    room = grown;
  };
  const varint = (value: number) => {
    reserve(10);
    let rest = value;
    while (rest > 127) {
      room[length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    room[length++] = rest;
  };
  const block = (field: number, value: Uint8Array) => {
    varint(field * 8 + 2);
    varint(value.length);
    reserve(value.length);
    room.set(value, length);
    length += value.length;
  };
  return {
    number(field, value) {
      if (value === 0) return;
      varint(field * 8);
      varint(value);
    },
    text(field, value) {
      if (value !== "") block(field, encoder.encode(value));
    },
    bytes(field, value) {
      if (value.length > 0) block(field, value);
    },
    message: block,
    finish() {
      if (room.length <= BYTES_KEPT_MAX) kept = room;
      return room.slice(0, length);
    },
  };
}
