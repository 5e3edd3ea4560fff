import assert from "node:assert/strict";
import { test } from "node:test";
import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  type JsonObject,
  type JsonValue,
  type Message,
  ScalarType,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { OrreryError } from "@orrery/core";
import fc from "fast-check";
import { coreFiles, serviceOf } from "../testing/core-contracts.ts";
import { readFields } from "./index.ts";

const RUNS = 100;
/** protobuf-es 2.17 cannot print a message that has a message field named like a method of all objects. */
const types = coreFiles.flatMap((file) => file.messages).filter((desc) => desc.typeName !== "codec.scalars.Names");

for (const desc of types) {
  const { service, method } = serviceOf(desc);

  test(`readFields of ${desc.typeName} gives back any message that was written as flags`, () => {
    fc.assert(
      fc.property(arbitraryMessage(desc, 3), fc.infiniteStream(fc.nat(5)), (message, ways) => {
        const way = () => ways.next().value as number;
        const args = flagsOf(desc, toJson(desc, message) as JsonObject, { path: "--", way });
        const { request } = readFields({ service, method, args });
        assert.deepEqual(toBinary(desc, request as Message), toBinary(desc, message), args.join(" "));
      }),
      { numRuns: RUNS },
    );
  });

  test(`readFields of ${desc.typeName} gives back any message that was written as JSON`, () => {
    fc.assert(
      fc.property(arbitraryMessage(desc, 3), (message) => {
        const base = toJson(desc, message);
        const { request } = readFields({ service, method, args: [], base: write(base) });
        assert.deepEqual(toBinary(desc, request as Message), toBinary(desc, message));
        const parsed = readFields({ service, method, args: [], base });
        assert.deepEqual(toBinary(desc, parsed.request as Message), toBinary(desc, message));
      }),
      { numRuns: RUNS / 4 },
    );
  });

  test(`readFields of ${desc.typeName} takes any arguments or refuses them with an error of its own`, () => {
    fc.assert(
      fc.property(arbitraryArgs(desc), fc.option(fc.json(), { nil: undefined }), (args, base) => {
        try {
          readFields({ service, method, args, ...(base === undefined ? {} : { base }) });
        } catch (error) {
          assertRefusal(error);
        }
      }),
      { numRuns: RUNS * 4 },
    );
  });
}

function assertRefusal(error: unknown): void {
  assert.ok(error instanceof OrreryError, String(error));
  assert.equal(error.code, "invalid_argument");
  assert.match(error.message, /^Cannot read .* of shop\.place: ./s);
  assert.doesNotMatch(error.message, /\.$/);
}

/** JSON text that keeps -0. */
function write(json: JsonValue): string {
  if (Object.is(json, -0)) return "-0";
  if (Array.isArray(json)) return `[${json.map(write).join()}]`;
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  const entries = Object.entries(json).map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`);
  return `{${entries.join()}}`;
}

interface Writing {
  readonly path: string;
  /** Draws one of the ways to write the next thing. */
  readonly way: () => number;
}

function flagsOf(desc: DescMessage, json: JsonObject, writing: Writing): string[] {
  return desc.fields.flatMap((field) => {
    const value = Object.hasOwn(json, field.jsonName) ? json[field.jsonName] : undefined;
    if (value === undefined) return [];
    const name = [field.jsonName, field.name, field.jsonName][writing.way() % 3] as string;
    return flagsOfField(field, value, { ...writing, path: `${writing.path}${name}` });
  });
}

function flagsOfField(field: DescField, value: JsonValue, writing: Writing): string[] {
  const { path, way } = writing;
  if (field.fieldKind === "list") {
    const items = value as JsonValue[];
    const texts = items.map((item) => textOf(item));
    const repeats = items.length > 0 && !texts.some((text) => text.trimStart().startsWith("["));
    if (items.length === 0 || way() === 0) return [`${path}=${write(value)}`];
    if (repeats && way() < 3) return texts.map((text) => `${path}=${text}`);
    const parts = items.map((item, index) => flagsOfItem(field, item, { ...writing, path: `${path}.${index}` }));
    return (way() < 3 ? parts : parts.reverse()).flat();
  }
  if (field.fieldKind === "map") {
    const entries = Object.entries(value as JsonObject);
    if (entries.length === 0 || way() === 0) return [`${path}=${write(value)}`];
    return entries.flatMap(([key, item]) =>
      flagsOfItem(field, item, { ...writing, path: `${path}.${JSON.stringify(key)}` }),
    );
  }
  return flagsOfItem(field, value, writing);
}

function flagsOfItem(field: DescField, value: JsonValue, writing: Writing): string[] {
  const { path, way } = writing;
  if (field.message !== undefined && !hasCustomJsonRepresentation(field.message)) {
    const inner = flagsOf(field.message, value as JsonObject, { path: `${path}.`, way });
    if (inner.length > 0 && way() > 0) return inner;
    return [`${path}=${write(value)}`];
  }
  if (value === true && field.scalar === ScalarType.BOOL && way() < 3) return [path];
  if (value === false && field.scalar === ScalarType.BOOL && way() < 3) return [`--no-${path.slice(2)}`];
  const isOpen = field.message?.typeName === "google.protobuf.Value";
  const text = isOpen ? write(value) : textOf(value);
  return text.startsWith("--") || way() < 3 ? [`${path}=${text}`] : [path, text];
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : write(value);
}

function arbitraryArgs(desc: DescMessage): fc.Arbitrary<string[]> {
  const names = desc.fields.flatMap((field) => [field.name, field.jsonName]);
  const name = fc.oneof(fc.constantFrom("x", ...names), fc.constantFrom("0", "1", "77777", '"a.b"', '"', "no-x", ""));
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
  const text = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.json(),
    fc.constantFrom("true", "[", "{}", "@", "null"),
  );
  const flag = fc.oneof(
    fc.tuple(path, text).map(([left, right]) => `--${left}=${right}`),
    path.map((left) => `--${left}`),
    path.map((left) => `--no-${left}`),
  );
  return fc.array(fc.oneof({ weight: 4, arbitrary: flag }, text, fc.constant("--")), { maxLength: 6 });
}

/** Makes any message of a type that has a JSON; `depth` bounds how deep messages nest. */
function arbitraryMessage(desc: DescMessage, depth: number): fc.Arbitrary<Message> {
  const known = arbitraryWellKnown(desc);
  if (known !== undefined) return known;
  const parts = desc.members.map((member) => {
    const values = member.kind === "oneof" ? arbitraryOneof(member, depth) : arbitraryField(member, depth);
    const isRequired = member.kind === "field" && member.presence === 3;
    return fc.tuple(fc.constant(member.localName), isRequired ? values : fc.option(values));
  });
  return fc.tuple(...parts).map((members) => {
    const message = create(desc) as Message & Record<string, unknown>;
    for (const [name, value] of members) if (value !== null && value !== undefined) message[name] = value;
    return message;
  });
}

function arbitraryWellKnown(desc: DescMessage): fc.Arbitrary<Message> | undefined {
  const init = (value: fc.Arbitrary<object>) => value.map((fields) => create(desc, fields as never) as Message);
  const nanos = fc.nat({ max: 999_999_999 });
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return fc
        .tuple(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), nanos)
        .map(([seconds, fraction]) => ({ ...timestampFromMs(seconds * 1000), nanos: fraction }));
    case "google.protobuf.Duration":
      return init(fc.record({ seconds: fc.bigInt({ min: 0n, max: 315_576_000_000n }), nanos }));
    case "google.protobuf.FieldMask":
      return init(fc.record({ paths: fc.array(fc.constantFrom("a", "b.c", "long_name"), { maxLength: 3 }) }));
    case "google.protobuf.Value":
      return init(
        fc.record({
          kind: fc.oneof(
            fc.constant({ case: "nullValue", value: 0 }),
            fc.string().map((value) => ({ case: "stringValue", value })),
            fc
              .double({ noNaN: true, noDefaultInfinity: true })
              .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)) // Longer ones stay text.
              .map((value) => ({ case: "numberValue", value })),
          ),
        }),
      );
    case "google.protobuf.Any":
      return fc.constant(create(desc) as Message);
    default:
      return undefined;
  }
}

function arbitraryOneof(oneof: DescOneof, depth: number): fc.Arbitrary<unknown> {
  const cases = oneof.fields.flatMap((field) => {
    const value = arbitraryItem(field, depth);
    return value ? [value.map((item) => ({ case: field.localName, value: item }))] : [];
  });
  return fc.oneof(fc.constant({ case: undefined }), ...cases);
}

function arbitraryField(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const item = arbitraryItem(field, depth);
  if (field.fieldKind === "list") return item ? fc.array(item, { maxLength: 4 }) : fc.constant([]);
  if (field.fieldKind !== "map") return item ?? fc.constant(undefined);
  if (!item) return fc.constant({});
  const name = arbitraryScalar(field.mapKey).map(String);
  const key = field.mapKey === ScalarType.STRING ? fc.oneof(name, fc.constantFrom("__proto__", "a.b=c", "")) : name;
  return fc.array(fc.tuple(key, item), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
}

function arbitraryItem(field: DescField, depth: number): fc.Arbitrary<unknown> | undefined {
  if (field.enum) {
    const isNull = field.enum.typeName === "google.protobuf.NullValue";
    const known = fc.constantFrom(...field.enum.values.map((value) => value.number));
    return field.enum.open && !isNull ? fc.oneof(known, fc.integer()) : known;
  }
  const { message } = field;
  if (message === undefined)
    return arbitraryScalar(field.scalar as ScalarType, "longAsString" in field && field.longAsString);
  if (message.typeName === "google.protobuf.Any") return undefined;
  if (message.typeName === "google.protobuf.Struct") {
    return fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null)), {
      maxKeys: 3,
      noNullPrototype: true,
    });
  }
  const scalar = message.fields[0]?.scalar;
  const isWrapper = message.typeName.startsWith("google.protobuf.") && message.typeName.endsWith("Value");
  if (isWrapper && scalar !== undefined && message.fields.length === 1) {
    const value = arbitraryScalar(scalar);
    if (field.fieldKind === "message" && !field.oneof) return value;
    return value.map((one) => create(message, { value: one } as never));
  }
  return depth > 0 ? arbitraryMessage(message, depth - 1) : undefined;
}

function arbitraryScalar(scalar: ScalarType, longAsString = false): fc.Arbitrary<unknown> {
  const longs = (min: bigint, max: bigint) => {
    const values = fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max));
    return longAsString ? values.map(String) : values;
  };
  switch (scalar) {
    case ScalarType.DOUBLE:
      return fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Number.NEGATIVE_INFINITY));
    case ScalarType.FLOAT:
      return fc.oneof(fc.float(), fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY));
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.STRING:
      return fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom("@a", "--x", "a=b", "[", '["a"]', '"', "true", ""),
      );
    case ScalarType.BYTES:
      return fc.uint8Array();
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.oneof(fc.nat({ max: 0xffffffff }), fc.constant(0xffffffff));
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return fc.oneof(fc.integer(), fc.constantFrom(0x7fffffff, -0x80000000));
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return longs(0n, 2n ** 64n - 1n);
    default:
      return longs(-(2n ** 63n), 2n ** 63n - 1n);
  }
}
