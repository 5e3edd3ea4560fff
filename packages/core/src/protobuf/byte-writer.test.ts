import assert from "node:assert/strict";
import { test } from "node:test";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { type ByteWriter, createByteWriter } from "./byte-writer.ts";

const numbers = [0, 1, 127, 128, 255, 300, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, 0x7fffffff];
const signed = [...numbers, ...numbers.map((number) => -number - 1)];
const unsigned = [...numbers, 0x80000000, 0xffffffff];
const floats = [0, -0, 1.5, -1e30, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const edges = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit));
const unsignedLongs = edges.flatMap((edge) => [edge - 1n, edge, edge + 1n]).concat(2n ** 64n - 1n);
const longs = unsignedLongs.map((long) => BigInt.asIntN(64, long));
const texts = [
  "",
  "a",
  "x".repeat(40),
  "x".repeat(41),
  "é",
  `${"x".repeat(39)}é`,
  "€".repeat(43),
  "😀".repeat(5000),
  "\ud800",
];

type Write = (writer: ByteWriter) => void;
type Theirs = (writer: BinaryWriter) => void;
const cases: [name: string, ours: Write, theirs: Theirs][] = [
  ...unsigned.map((n): [string, Write, Theirs] => [`uint32(${n})`, (w) => w.uint32(n), (w) => w.uint32(n)]),
  ...signed.map((n): [string, Write, Theirs] => [`int32(${n})`, (w) => w.int32(n), (w) => w.int32(n)]),
  ...signed.map((n): [string, Write, Theirs] => [`sint32(${n})`, (w) => w.sint32(n), (w) => w.sint32(n)]),
  ...unsigned.map((n): [string, Write, Theirs] => [`fixed32(${n})`, (w) => w.fixed32(n), (w) => w.fixed32(n)]),
  ...signed.map((n): [string, Write, Theirs] => [`fixed32(${n})`, (w) => w.fixed32(n), (w) => w.sfixed32(n)]),
  ...longs.map((n): [string, Write, Theirs] => [`int64(${n})`, (w) => w.int64(n), (w) => w.int64(n)]),
  ...longs.map((n): [string, Write, Theirs] => [`sint64(${n})`, (w) => w.sint64(n), (w) => w.sint64(n)]),
  ...longs.map((n): [string, Write, Theirs] => [`fixed64(${n})`, (w) => w.fixed64(n), (w) => w.sfixed64(n)]),
  ...unsignedLongs.map((n): [string, Write, Theirs] => [`int64(${n})`, (w) => w.int64(n), (w) => w.uint64(n)]),
  ...unsignedLongs.map((n): [string, Write, Theirs] => [`fixed64(${n})`, (w) => w.fixed64(n), (w) => w.fixed64(n)]),
  ...floats.map((n): [string, Write, Theirs] => [`float(${n})`, (w) => w.float(n), (w) => w.float(n)]),
  ...floats.map((n): [string, Write, Theirs] => [`double(${n})`, (w) => w.double(n), (w) => w.double(n)]),
  ...texts.map((t): [string, Write, Theirs] => [`text of ${t.length}`, (w) => w.text(t), (w) => w.string(t)]),
  ["data", (w) => w.data(Uint8Array.of(1, 2, 3)), (w) => w.bytes(Uint8Array.of(1, 2, 3))],
  ["raw", (w) => w.raw(Uint8Array.of(1, 2, 3)), (w) => w.raw(Uint8Array.of(1, 2, 3))],
];

test("createByteWriter makes a writer of the same bytes as protobuf-es's, from the smallest room on", () => {
  for (const [name, ours, theirs] of cases) {
    const writer = createByteWriter(1);
    ours(writer);
    const expected = new BinaryWriter();
    theirs(expected);
    assert.deepEqual(writer.finish(), expected.finish(), name);
  }
});

test("uint53 writes whole numbers up to 2^53 - 1", () => {
  for (const number of [...unsigned, 2 ** 32, 2 ** 32 + 1, 2 ** 45, Number.MAX_SAFE_INTEGER]) {
    const writer = createByteWriter(1);
    writer.uint53(number);
    assert.deepEqual(writer.finish(), new BinaryWriter().uint64(BigInt(number)).finish(), String(number));
  }
});

for (const size of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
  test(`end fills in a length of ${size}, and one around it`, () => {
    const data = new Uint8Array(size).fill(7);
    const writer = createByteWriter(1);
    writer.byte(9);
    const outer = writer.begin();
    const inner = writer.begin();
    writer.raw(data);
    writer.end(inner);
    writer.end(outer);
    writer.byte(9);
    const expected = new BinaryWriter()
      .raw(Uint8Array.of(9))
      .fork()
      .fork()
      .raw(data)
      .join()
      .join()
      .raw(Uint8Array.of(9));
    assert.deepEqual(writer.finish(), expected.finish());
  });
}

test("position set back undoes what was written after it", () => {
  const writer = createByteWriter();
  writer.text("kept");
  const { position } = writer;
  writer.text("undone");
  writer.position = position;
  assert.deepEqual(writer.finish(), new BinaryWriter().string("kept").finish());
});
