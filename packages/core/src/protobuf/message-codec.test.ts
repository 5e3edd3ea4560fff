import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import {
  create,
  type DescMessage,
  fromBinary,
  getExtension,
  type MessageInitShape,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { createByteWriter } from "./byte-writer.ts";
import { fallbackCodec } from "./fallback-codec.ts";
import { type MessageCodec, messageCodec } from "./message-codec.ts";
import { MixedSchema } from "./testdata/gen/editions_pb.ts";
import { KnownSchema, WrappedSchema } from "./testdata/gen/known_pb.ts";
import {
  DefaultSchema,
  PlainSchema as LegacyPlainSchema,
  note,
  OpenSchema,
  plains,
  RequiredSchema,
} from "./testdata/gen/legacy_pb.ts";
import { OrderSchema } from "./testdata/gen/order_pb.ts";
import {
  ChildSchema,
  ChoiceSchema,
  KeysSchema,
  NamesSchema,
  OptionalSchema,
  PackedSchema,
  PlainSchema,
  TextSchema,
} from "./testdata/gen/scalars_pb.ts";

function anyCodec(desc: DescMessage): MessageCodec<unknown> {
  return messageCodec(desc) as MessageCodec<unknown>;
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

const inits: [desc: DescMessage, init: object][] = [
  [OrderSchema, { id: "a", lines: [{ sku: "b", quantity: 3 }], tags: ["c"] }],
  [OrderSchema, {}],
  [OrderSchema, { id: null, lines: undefined }],
  [PlainSchema, { int64Field: 5, uint64Field: "18446744073709551615", bytesField: [1, 2], childField: { number: 1 } }],
  [OptionalSchema, { int32Field: 0, stringField: "", bytesField: new Uint8Array(0), boolField: false, int64Field: 0 }],
  [TextSchema, { int64Text: 5n, int64Texts: [1, "2", 3n], int64Optional: "0" }],
  [DefaultSchema, { int32Field: -7, stringField: "other", closedField: 2, notANumber: Number.NaN }],
  [RequiredSchema, { number: 0, text: "none", data: [255] }],
  [MixedSchema, { explicit: 0, implicit: 0, required: "", child: { required: "x" }, byName: { a: { required: "y" } } }],
  [ChoiceSchema, { first: { case: "childCase", value: { text: "x" } }, second: { case: undefined }, between: 4 }],
  [ChoiceSchema, { first: { case: "bytesCase", value: [1] }, second: { case: "early", value: "" } }],
  [
    KeysSchema,
    { int32Keys: { "-1": 1, 7: 2 }, boolKeys: { true: 1, false: 0 }, uint64Keys: { "18446744073709551615": 1 } },
  ],
  [PackedSchema, { doubleList: new Float64Array([1, 2]) as unknown as number[], int32List: [1, -1] }],
  [
    KnownSchema,
    { json: { a: [1, null, { b: "c" }], d: true }, time: { seconds: 5n }, choice: { case: "chosenJson", value: {} } },
  ],
  [WrappedSchema, { int64: 5n, string: "", bytes: new Uint8Array([1]), list: [{ value: "x" }], bool: false }],
];

for (const [index, [desc, init]] of inits.entries()) {
  test(`messageCodec encodes and copies plain object ${index} as create and toBinary do: ${desc.typeName}`, () => {
    const bytes = toBinary(desc, create(desc, init as MessageInitShape<DescMessage>));
    assert.deepEqual(anyCodec(desc).encode(init), bytes);
    assert.deepStrictEqual(anyCodec(desc).copy(init), fromBinary(desc, bytes));
    assert.deepEqual(fallbackCodec(desc).encode(init), bytes);
    assert.deepStrictEqual(fallbackCodec(desc).copy(init), fromBinary(desc, bytes));
  });
}

test("messageCodec refuses to decode what is no Uint8Array", () => {
  const message = 'Cannot decode "codec.order.Order": expected a Uint8Array, got "abc"';
  assert.throws(() => messageCodec(OrderSchema).decode("abc" as unknown as Uint8Array), { message });
});

test("messageCodec gives the same codec for the same type", () => {
  assert.equal(messageCodec(OrderSchema), messageCodec(OrderSchema));
});

test("messageCodec takes 100 nested messages and refuses 101, both ways", () => {
  const nest = (levels: number): object => (levels === 1 ? {} : { child: nest(levels - 1) });
  const codec = anyCodec(ChildSchema);
  const fits = toBinary(ChildSchema, create(ChildSchema, nest(100)));
  assert.deepEqual(codec.encode(nest(100)), fits);
  assert.deepStrictEqual(codec.decode(fits), fromBinary(ChildSchema, fits));
  assert.deepStrictEqual(codec.copy(nest(100)), fromBinary(ChildSchema, fits));
  assert.throws(() => codec.encode(nest(101)), /more than 100 nested messages/);
  assert.throws(() => codec.copy(nest(101)), /more than 100 nested messages/);
  const beyond = toBinary(ChildSchema, create(ChildSchema, nest(101)));
  assert.throws(() => codec.decode(beyond), /more than 100 nested messages at byte \d+ of \d+$/);
  assert.throws(() => fromBinary(ChildSchema, beyond));
  assert.throws(() => codec.decode(new Uint8Array(1_000_000).fill(0x23)), /more than 100 nested messages/);
});

test("messageCodec merges a message that comes twice, and takes the last of a value that comes twice", () => {
  const bytes = hex("0801 0802 1a02 0801 1a03 120161");
  const merged = messageCodec(ChildSchema).decode(bytes);
  assert.deepStrictEqual(merged, fromBinary(ChildSchema, bytes));
  assert.deepStrictEqual(merged, create(ChildSchema, { number: 2, child: { number: 1, text: "a" } }));
});

test("messageCodec keeps an unknown number of a closed enum next to an unknown field", () => {
  const bytes = hex("5863 f8ff0301");
  const message = messageCodec(MixedSchema).decode(bytes);
  const numbers = message.$unknown?.map((field) => field.no);
  assert.deepEqual(numbers, [11, 8191]);
  message.required = "";
  assert.deepEqual(messageCodec(MixedSchema).encode(message), hex("1a00 5863 f8ff0301"));
});

test("messageCodec carries extensions through decode, copy and encode", () => {
  const open = create(OpenSchema, { number: 1 });
  setExtension(open, note, "said");
  setExtension(open, plains, [create(LegacyPlainSchema)]);
  const codec = messageCodec(OpenSchema);
  const arrived = codec.copy(codec.decode(codec.encode(open)));
  assert.equal(getExtension(arrived, note), "said");
  assert.equal(getExtension(arrived, plains).length, 1);
  assert.deepEqual(codec.encode(arrived), toBinary(OpenSchema, open));
});

test("messageCodec is not led astray by names that all objects have", () => {
  const codec = messageCodec(NamesSchema);
  const empty = create(NamesSchema);
  assert.deepEqual(codec.encode(empty), new Uint8Array(0));
  assert.deepStrictEqual(codec.decode(new Uint8Array(0)), empty);
  assert.deepStrictEqual(codec.copy({} as never), empty);
  const full = create(NamesSchema);
  Object.assign(full, { Proto: "p", constructor$: "c", hasOwnProperty: "h", toString$: 1, isPrototypeOf: [1] });
  Object.assign(full, { propertyIsEnumerable: create(ChildSchema, { text: "x" }) });
  Object.defineProperty(full.valueOf$, "__proto__", {
    value: "v",
    enumerable: true,
    writable: true,
    configurable: true,
  });
  const bytes = codec.encode(full);
  assert.deepEqual(bytes, toBinary(NamesSchema, full));
  assert.deepStrictEqual(codec.decode(bytes), full);
  assert.deepStrictEqual(codec.copy(full), full);
  assert.equal(({} as Record<string, unknown>)["v"], undefined);
});

test("messageCodec compiles names that are code as mere text", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is there to be harmless
  const evil = '"]; globalThis.wasRun = true; //`${globalThis.wasRun = true}\u2028\n';
  const fields = ChildSchema.fields.slice(0, 2).map((field) => ({ ...field, localName: field.localName + evil }));
  const desc = { ...ChildSchema, typeName: evil, fields, members: fields } as DescMessage;
  const bytes = hex("0805 120161");
  assert.deepStrictEqual(anyCodec(desc).decode(bytes), fromBinary(desc, bytes));
  assert.deepEqual(anyCodec(desc).encode(anyCodec(desc).copy(anyCodec(desc).decode(bytes))), bytes);
  assert.throws(() => anyCodec(desc).encode({ [`number${evil}`]: "x" }), /expected a number in int32, got "x"/);
  assert.equal((globalThis as Record<string, unknown>)["wasRun"], undefined);
});

test("encode never writes again into what it gave", () => {
  const codec = messageCodec(ChildSchema);
  const texts = Array.from({ length: 400 }, (_, index) => `${index}`.repeat((index * 7) % 1100));
  const given = texts.map((text) => codec.encode(create(ChildSchema, { text })));
  for (const [index, text] of texts.entries()) {
    assert.deepEqual(given[index], toBinary(ChildSchema, create(ChildSchema, { text })));
  }
});

test("encode may be called by a getter of a message that is being encoded", () => {
  const codec = messageCodec(ChildSchema);
  const sly = {
    number: 1,
    get text() {
      return `${codec.encode(create(ChildSchema, { text: "inner" })).length}`;
    },
  };
  assert.deepEqual(codec.encode(sly as never), hex("0801 120137"));
});

test("encode goes on after an error as if nothing had happened", () => {
  const codec = anyCodec(ChildSchema);
  const before = codec.encode({ text: "before" });
  assert.throws(() => codec.encode({ number: 1, text: 2 }));
  assert.deepEqual(codec.encode({ text: "after" }), toBinary(ChildSchema, create(ChildSchema, { text: "after" })));
  assert.deepEqual(before, toBinary(ChildSchema, create(ChildSchema, { text: "before" })));
});

test("encodeInto appends to a writer, and leaves it as it was when it throws", () => {
  const codec = anyCodec(ChildSchema);
  const writer = createByteWriter(1);
  writer.byte(0xff);
  codec.encodeInto(writer, { number: 1 });
  assert.throws(() => codec.encodeInto(writer, { number: 1, text: 5 }));
  codec.encodeInto(writer, { text: "x".repeat(200) });
  assert.deepEqual(writer.finish(), hex(`ff 0801 12c801 ${"78".repeat(200)}`));
});

test("copy rounds floats and turns numbers into bigints, as a wire would", () => {
  const copy = anyCodec(PlainSchema).copy({ floatField: 0.1, int64Field: 3 }) as {
    floatField: number;
    int64Field: bigint;
  };
  assert.equal(copy.floatField, Math.fround(0.1));
  assert.equal(copy.int64Field, 3n);
});

test("copy of a Struct is a message like any other", () => {
  const struct = create(StructSchema, { fields: { a: { kind: { case: "numberValue", value: 1 } } } });
  assert.deepStrictEqual(messageCodec(StructSchema).copy(struct), struct);
});

test("fallbackCodec names the message in its errors and copies what it reads", () => {
  const codec = fallbackCodec(PlainSchema);
  assert.throws(() => codec.decode(hex("0a")), /^Error: Cannot decode "codec.scalars.Plain": /);
  const bytes = hex("7a0105");
  const message = codec.decode(bytes) as { bytesField: Uint8Array };
  bytes.fill(0);
  assert.deepEqual(message.bytesField, Uint8Array.of(5));
  const writer = createByteWriter();
  codec.encodeInto(writer, { int32Field: 1 });
  assert.deepEqual(writer.finish(), hex("1801"));
});

test("messageCodec works where code must not be compiled at run time", () => {
  const script = `
    import { messageCodec } from ${JSON.stringify(new URL("message-codec.ts", import.meta.url).href)};
    import { OrderSchema } from ${JSON.stringify(new URL("testdata/gen/order_pb.ts", import.meta.url).href)};
    const codec = messageCodec(OrderSchema);
    console.log(Buffer.from(codec.encode(codec.copy({ id: "a", lines: [{ quantity: 2 }] }))).toString("hex"));`;
  const flags = ["--disallow-code-generation-from-strings", "--input-type=module", "-C", "source", "-e", script];
  assert.equal(execFileSync(process.execPath, flags, { encoding: "utf8" }).trim(), "0a016122021002");
});
