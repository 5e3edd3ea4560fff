import assert from "node:assert/strict";
import { test } from "node:test";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type ByteReader, createByteReader } from "./byte-reader.ts";
import { createByteWriter } from "./byte-writer.ts";
import { createShortTextReader, plainShortText } from "./short-text.ts";

type Read = (reader: ByteReader) => unknown;
const reads: [name: string, ours: Read, theirs: (reader: BinaryReader) => unknown][] = [
  ["tag", (r) => r.tag(), (r) => toTag(r.tag())],
  ["uint32", (r) => r.uint32(), (r) => r.uint32()],
  ["int32", (r) => r.int32(), (r) => r.int32()],
  ["sint32", (r) => r.sint32(), (r) => r.sint32()],
  ["int64", (r) => r.int64(), (r) => r.int64()],
  ["uint64", (r) => r.uint64(), (r) => r.uint64()],
  ["sint64", (r) => r.sint64(), (r) => r.sint64()],
  ["bool", (r) => r.bool(), (r) => r.bool()],
  ["fixed32", (r) => r.fixed32(), (r) => r.fixed32()],
  ["sfixed32", (r) => r.sfixed32(), (r) => r.sfixed32()],
  ["fixed64", (r) => r.fixed64(), (r) => r.fixed64()],
  ["sfixed64", (r) => r.sfixed64(), (r) => r.sfixed64()],
  ["float", (r) => r.float(), (r) => r.float()],
  ["double", (r) => r.double(), (r) => r.double()],
  ["text", (r) => r.text(), (r) => r.string(true)],
  ["looseText", (r) => r.looseText(), (r) => r.string(false)],
  ["data", (r) => r.data(), (r) => r.bytes()],
];

function toTag([number, wireType]: [number, number]): number {
  return ((number << 3) | wireType) >>> 0;
}

const inputs = [
  "",
  "00",
  "01",
  "7f",
  "80",
  "8001",
  "ff01",
  "ac02",
  "ffff03",
  "ffffff07",
  "ffffffff0f",
  "ffffffff1f",
  "ffffffff7f",
  "808080808001",
  "ffffffffffffffffff01",
  "ffffffffffffffffff7f",
  "ffffffffffffffffffff01",
  "80808080808080808000",
  "8080808080808080808000",
  "80808080f8ffffffff01",
  "0000803f",
  "000000000000f03f",
  "000000000000f8ff",
  "ffffffffffffffff",
  "0000000000000080",
  "03616263",
  "04616263",
  "03c3a961",
  "02c328",
  "03efbbbf",
  "0807",
  "0e",
  "0f",
  "06",
  "f8ffffff0f",
  `20${"61".repeat(32)}`,
  `21${"61".repeat(33)}`,
  `1f${"61".repeat(29)}c3a9`,
  `80 02 ${"62".repeat(256)}`.replaceAll(" ", ""),
];

for (const [name, ours, theirs] of reads) {
  test(`${name} reads or refuses what protobuf-es does, wherever the bytes lie`, () => {
    for (const input of inputs) {
      const bytes = Buffer.from(input, "hex");
      const expected = attempt(() => theirs(new BinaryReader(new Uint8Array(bytes))));
      const shifted = new Uint8Array(Buffer.concat([Buffer.of(0xff), bytes, Buffer.of(0x01)])).subarray(
        1,
        bytes.length + 1,
      );
      for (const form of [bytes, new Uint8Array(bytes), shifted]) {
        assert.deepStrictEqual(
          attempt(() => ours(createByteReader(form))),
          expected,
          input,
        );
      }
    }
  });
}

function attempt(work: () => unknown): unknown {
  try {
    const value = work();
    return value instanceof Uint8Array ? new Uint8Array(value) : value;
  } catch {
    return "refused";
  }
}

test("uint53 reads what uint53 wrote and refuses more", () => {
  const writer = createByteWriter();
  const numbers = [0, 127, 128, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
  for (const number of numbers) writer.uint53(number);
  writer.int64(2n ** 53n);
  const reader = createByteReader(writer.finish());
  for (const number of numbers) assert.equal(reader.uint53(), number);
  assert.throws(() => reader.uint53(), { message: "number beyond 2^53 - 1 at byte 30 of 30" });
});

test("data gives bytes of its own, also from a Node buffer", () => {
  for (const size of [0, 3, 32, 33, 100]) {
    const input = Buffer.from([size, ...new Array<number>(size).fill(5)]);
    const data = createByteReader(input).data();
    input.fill(0);
    assert.deepStrictEqual(data, new Uint8Array(size).fill(5));
  }
});

const refusals: [hex: string, read: Read, message: string][] = [
  ["ff", (r) => r.uint32(), "truncated at byte 0 of 1"],
  ["ffffffffffffffffffffff", (r) => r.uint32(), "number of more than ten bytes at byte 0 of 11"],
  ["ffffffffffffffffffffff", (r) => r.int64(), "number of more than ten bytes at byte 0 of 11"],
  ["000000", (r) => r.fixed32(), "truncated at byte 0 of 3"],
  ["0561", (r) => r.text(), "truncated at byte 1 of 2"],
  ["02c328", (r) => r.text(), "invalid UTF-8 at byte 1 of 3"],
  ["0561", (r) => r.end(), "truncated at byte 1 of 2"],
  ["00", (r) => r.tag(), "field number 0 of wire type 0 at byte 0 of 1"],
  ["0e", (r) => r.tag(), "field number 1 of wire type 6 at byte 0 of 1"],
  ["ffffffff7f", (r) => r.tag(), "malformed field number at byte 0 of 5"],
  ["14", (r) => r.skip(0x0c, 1), "end of group 1, which was not begun, at byte 0 of 1"],
  ["14", (r) => r.skip(0x0b, 1), "end of group 2 within group 1 at byte 1 of 1"],
  ["0c", (r) => r.skip(0x0b, 100), "more than 100 nested messages at byte 0 of 1"],
];

for (const [hex, read, message] of refusals) {
  test(`createByteReader makes a reader that refuses ${hex}: ${message}`, () => {
    assert.throws(() => read(createByteReader(Buffer.from(hex, "hex"))), { message });
  });
}

test("createShortTextReader makes the same of every length as plain code does", () => {
  const compiled = createShortTextReader();
  const bytes = Uint8Array.from({ length: 64 }, (_, index) => 0x40 + index);
  const accented = bytes.slice();
  for (let length = 0; length <= 33; length++) {
    const expected = length > 32 ? undefined : Buffer.from(bytes).toString("latin1", 5, 5 + length);
    assert.equal(compiled(bytes, 5, length), expected);
    assert.equal(plainShortText(bytes, 5, length), expected);
    accented[4 + length] = 0xc3;
    assert.equal(compiled(accented, 5, length), length === 0 ? "" : undefined);
    assert.equal(plainShortText(accented, 5, length), length === 0 ? "" : undefined);
    accented[4 + length] = 0x40;
  }
});
