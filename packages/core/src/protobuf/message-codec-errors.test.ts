import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { fallbackCodec } from "./fallback-codec.ts";
import { type MessageCodec, messageCodec } from "./message-codec.ts";
import { KnownSchema, WrappedSchema } from "./testdata/gen/known_pb.ts";
import { GroupsSchema, RequiredSchema } from "./testdata/gen/legacy_pb.ts";
import { OrderSchema } from "./testdata/gen/order_pb.ts";
import {
  ChildSchema,
  ChoiceSchema,
  KeysSchema,
  PackedSchema,
  PlainSchema,
  ValuesSchema,
} from "./testdata/gen/scalars_pb.ts";

function anyCodec(desc: DescMessage): MessageCodec<unknown> {
  return messageCodec(desc) as MessageCodec<unknown>;
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

const circle: { child?: unknown } = {};
circle.child = circle;
const circular: Record<string, unknown> = {};
circular["self"] = [circular];

const unfit: [desc: DescMessage, message: unknown, error: string][] = [
  [PlainSchema, "abc", 'Cannot encode "codec.scalars.Plain": expected a message, got "abc"'],
  [PlainSchema, null, 'Cannot encode "codec.scalars.Plain": expected a message, got null'],
  [
    PlainSchema,
    create(ChildSchema),
    'Cannot encode "codec.scalars.Plain": expected a message of that type, got one of "codec.scalars.Child"',
  ],
  [PlainSchema, { int32Field: "abc" }, plain("int32Field", 'a number in int32, got "abc"')],
  [PlainSchema, { int32Field: 2 ** 31 }, plain("int32Field", "a number in int32, got 2147483648")],
  [PlainSchema, { int32Field: 1.5 }, plain("int32Field", "a number in int32, got 1.5")],
  [PlainSchema, { int32Field: Number.NaN }, plain("int32Field", "a number in int32, got NaN")],
  [PlainSchema, { int32Field: 5n }, plain("int32Field", "a number in int32, got 5n")],
  [PlainSchema, { sint32Field: Symbol("x") }, plain("sint32Field", "a number in int32, got a symbol")],
  [PlainSchema, { uint32Field: -1 }, plain("uint32Field", "a number in uint32, got -1")],
  [PlainSchema, { fixed32Field: 2 ** 32 }, plain("fixed32Field", "a number in uint32, got 4294967296")],
  [PlainSchema, { floatField: 1e39 }, plain("floatField", "a number in float32, got 1e+39")],
  [PlainSchema, { doubleField: "1" }, plain("doubleField", 'a number, got "1"')],
  [PlainSchema, { int64Field: 2n ** 63n }, plain("int64Field", "a bigint in int64, got 9223372036854775808n")],
  [PlainSchema, { int64Field: 0.5 }, plain("int64Field", "a bigint in int64, got 0.5")],
  [PlainSchema, { uint64Field: -1n }, plain("uint64Field", "a bigint in uint64, got -1n")],
  [PlainSchema, { sint64Field: "twelve" }, plain("sint64Field", 'a bigint in int64, got "twelve"')],
  [PlainSchema, { boolField: 1 }, plain("boolField", "true or false, got 1")],
  [PlainSchema, { stringField: 5 }, plain("stringField", "a string, got 5")],
  [PlainSchema, { bytesField: "AQI=" }, plain("bytesField", 'a Uint8Array, got "AQI="')],
  [PlainSchema, { bytesField: [256] }, plain("bytesField", "a Uint8Array, got an array")],
  [
    PlainSchema,
    { bytesField: new ArrayBuffer(1) },
    plain("bytesField", "a Uint8Array, got an object of class ArrayBuffer"),
  ],
  [PlainSchema, { colorField: "RED" }, plain("colorField", 'a number of enum codec.scalars.Color, got "RED"')],
  [PlainSchema, { childField: "x" }, plain("childField", 'an object of type codec.scalars.Child, got "x"')],
  [
    PlainSchema,
    { childField: { text: 1 } },
    'Cannot encode field "text" of "codec.scalars.Child": expected a string, got 1',
  ],
  [PlainSchema, { stringField: new Date(0) }, plain("stringField", "a string, got an object of class Date")],
  [
    PackedSchema,
    { int32List: [1, "2"] },
    'Cannot encode field "int32List[1]" of "codec.scalars.Packed": expected a number in int32, got "2"',
  ],
  [
    PackedSchema,
    { stringList: [null] },
    'Cannot encode field "stringList[0]" of "codec.scalars.Packed": expected a string, got null',
  ],
  [
    PackedSchema,
    { childList: [undefined] },
    'Cannot encode field "childList[0]" of "codec.scalars.Packed": expected an object of type codec.scalars.Child, got undefined',
  ],
  [
    PackedSchema,
    { stringList: "abc" },
    'Cannot encode field "stringList" of "codec.scalars.Packed": expected an array, got "abc"',
  ],
  [
    ValuesSchema,
    { int32Values: { a: "b" } },
    'Cannot encode field "int32Values["a"]" of "codec.scalars.Values": expected a number in int32, got "b"',
  ],
  [
    ValuesSchema,
    { int32Values: new Map() },
    'Cannot encode field "int32Values" of "codec.scalars.Values": expected an object with a property for each entry, got an object of class Map',
  ],
  [
    ValuesSchema,
    { int32Values: 5 },
    'Cannot encode field "int32Values" of "codec.scalars.Values": expected an object with a property for each entry, got 5',
  ],
  [
    KeysSchema,
    { int32Keys: { a: 1 } },
    'Cannot encode field "int32Keys" of "codec.scalars.Keys": expected keys to be a number in int32, got "a"',
  ],
  [
    KeysSchema,
    { uint32Keys: { "-1": 1 } },
    'Cannot encode field "uint32Keys" of "codec.scalars.Keys": expected keys to be a number in uint32, got "-1"',
  ],
  [
    KeysSchema,
    { boolKeys: { yes: 1 } },
    'Cannot encode field "boolKeys" of "codec.scalars.Keys": expected keys to be true or false, got "yes"',
  ],
  [
    KeysSchema,
    { int64Keys: { "": 1 } },
    'Cannot encode field "int64Keys" of "codec.scalars.Keys": expected keys to be a bigint in int64, got ""',
  ],
  [
    ChoiceSchema,
    { first: { case: "third", value: 1 } },
    'Cannot encode oneof "first" of "codec.scalars.Choice": expected a case that is one of its fields, got "third"',
  ],
  [
    ChoiceSchema,
    { first: "int32Case" },
    'Cannot encode oneof "first" of "codec.scalars.Choice": expected a case that is one of its fields, got "int32Case"',
  ],
  [
    ChoiceSchema,
    { first: { case: "int32Case" } },
    'Cannot encode field "int32Case" of "codec.scalars.Choice": expected a number in int32, got undefined',
  ],
  [
    RequiredSchema,
    { number: 1, data: [] },
    'Cannot encode field "text" of "codec.legacy.Required": it is required, but not set',
  ],
  [
    RequiredSchema,
    create(RequiredSchema, { number: 1 }),
    'Cannot encode field "text" of "codec.legacy.Required": it is required, but not set',
  ],
  [
    KnownSchema,
    { json: [] },
    'Cannot encode field "json" of "codec.known.Known": expected a JSON object, got an array',
  ],
  [KnownSchema, { json: { a: 5n } }, 'Cannot encode "google.protobuf.Struct": expected JSON, got 5n'],
  [
    KnownSchema,
    { json: circular },
    'Cannot encode "google.protobuf.Struct": more than 100 nested messages, or a circle of them',
  ],
  [
    WrappedSchema,
    { int32: "x" },
    'Cannot encode field "int32" of "codec.known.Wrapped": expected a number in int32, got "x"',
  ],
  [ChildSchema, circle, 'Cannot encode "codec.scalars.Child": more than 100 nested messages, or a circle of them'],
  [PlainSchema, { stringField: { toString: 5 } }, plain("stringField", "a string, got an object")],
  [PlainSchema, { int32Field: "x".repeat(100) }, plain("int32Field", `a number in int32, got "${"x".repeat(60)}…"`)],
];

function plain(field: string, rest: string): string {
  return `Cannot encode field "${field}" of "codec.scalars.Plain": expected ${rest}`;
}

for (const [name, codecOf] of [
  ["messageCodec", anyCodec],
  ["fallbackCodec", fallbackCodec],
] as const) {
  for (const [index, [desc, message, error]] of unfit.entries()) {
    test(`${name} refuses to encode or copy unfit value ${index}: ${error}`, () => {
      assert.throws(() => codecOf(desc).encode(message), { message: error });
      assert.throws(() => codecOf(desc).copy(message), { message: error });
    });
  }

  test(`${name} refuses to decode what are no bytes`, () => {
    const message = 'Cannot decode "codec.scalars.Plain": expected a Uint8Array, got 5';
    assert.throws(() => codecOf(PlainSchema).decode(5 as never), { message });
  });
}

const malformed: [desc: DescMessage, bytes: string, error: string][] = [
  [OrderSchema, "0a05 6162", "truncated at byte 2 of 4"],
  [OrderSchema, "31 0000", "truncated at byte 1 of 3"],
  [OrderSchema, "0a02 c328", "invalid UTF-8 at byte 2 of 4"],
  [OrderSchema, "22", "truncated at byte 1 of 1"],
  [OrderSchema, "2205 0a0161", "truncated at byte 2 of 5"],
  [OrderSchema, "00", "field number 0 of wire type 0 at byte 0 of 1"],
  [OrderSchema, "7a ff", "truncated at byte 1 of 2"],
  [OrderSchema, "7b", "truncated at byte 1 of 1"],
  [OrderSchema, "7c", "end of group 15, which was not begun, at byte 1 of 1"],
  [GroupsSchema, "0b 0801", "group 1 without end at byte 3 of 3"],
  [GroupsSchema, "0b 14", "end of group 2 within group 1 at byte 2 of 2"],
];

for (const [desc, bytes, error] of malformed) {
  test(`messageCodec refuses to decode ${bytes}: ${error}`, () => {
    const message = `Cannot decode "${desc.typeName}": ${error}`;
    assert.throws(() => anyCodec(desc).decode(hex(bytes)), { message });
    assert.throws(() => fromBinary(desc, hex(bytes)));
  });
}
