import assert from "node:assert/strict";
import { test } from "node:test";
import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  fromBinary,
  type Message,
  ScalarType,
  toBinary,
  type UnknownField,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, file_google_protobuf_descriptor } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { fallbackCodec } from "./fallback-codec.ts";
import { fieldInfo, isLong } from "./field-info.ts";
import { type MessageCodec, messageCodec } from "./message-codec.ts";
import { file_editions } from "./testdata/gen/editions_pb.ts";
import { file_known } from "./testdata/gen/known_pb.ts";
import { file_legacy } from "./testdata/gen/legacy_pb.ts";
import { file_order } from "./testdata/gen/order_pb.ts";
import { file_scalars } from "./testdata/gen/scalars_pb.ts";
import { setEntry } from "./value-check.ts";

const RUNS = 80;
const FUZZ_RUNS_PER_TYPE = 1000;

const files = [file_editions, file_known, file_legacy, file_order, file_scalars];
const all: DescMessage[] = [...files.flatMap((file) => file.messages), FileDescriptorProtoSchema];
/** protobuf-es 2.17 cannot read a message field named like a method of all objects; see the test of names. */
const types = all.filter((desc) => desc.typeName !== "codec.scalars.Names");

/** What some work gives, or the error that it ends in. */
function endOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as Error).message;
  }
}

for (const desc of types) {
  const codec = messageCodec(desc) as MessageCodec<unknown>;
  const messages = arbitraryMessage(desc, 3);

  test(`messageCodec of ${desc.typeName} agrees with protobuf-es on any message`, () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = toBinary(desc, message);
        assert.deepEqual(codec.encode(message), bytes);
        const decoded = codec.decode(bytes);
        assert.deepStrictEqual(decoded, fromBinary(desc, bytes));
        assert.deepStrictEqual(codec.copy(message), decoded);
        assert.deepStrictEqual(fallbackCodec(desc).copy(message), decoded);
      }),
      { numRuns: RUNS },
    );
  });

  test(`fallbackCodec of ${desc.typeName} takes and refuses what compiled code does`, () => {
    const fallback = fallbackCodec(desc);
    const names = desc.members.map(({ localName }) => localName);
    const change = fc.record({
      name: fc.constantFrom("$typeName", ...names),
      value: fc.anything({ withBigInt: true }),
    });
    fc.assert(
      fc.property(messages, change, (message, { name, value }) => {
        const changed = { ...message, [name]: value };
        assert.deepEqual(
          endOf(() => fallback.encode(changed)),
          endOf(() => codec.encode(changed)),
        );
      }),
      { numRuns: RUNS },
    );
  });

  test(`messageCodec of ${desc.typeName} gives messages that share nothing`, () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = codec.encode(message);
        const before = bytes.slice();
        const copy = codec.copy(message);
        const decoded = codec.decode(bytes);
        scramble(copy);
        scramble(decoded);
        assert.deepEqual(codec.encode(message), before);
        assert.deepEqual(bytes, before);
      }),
      { numRuns: RUNS },
    );
  });

  test(`messageCodec of ${desc.typeName} decodes any bytes as protobuf-es does, or refuses them with it`, () => {
    const seeds = fc.sample(messages, { numRuns: 40, seed: 7 }).map((message) => toBinary(desc, message));
    const random = mulberry(desc.typeName.length);
    let taken = 0;
    for (let run = 0; run < FUZZ_RUNS_PER_TYPE; run++) {
      const bytes = mutate(seeds[run % seeds.length] as Uint8Array, random);
      const theirs = attempt(() => fromBinary(desc, bytes));
      const ours = attempt(() => codec.decode(bytes));
      const text = Buffer.from(bytes).toString("hex");
      assert.equal(ours.error === undefined, theirs.error === undefined, `${text}: ${ours.error} / ${theirs.error}`);
      if (ours.error) {
        assert.match(ours.error.message, /^Cannot decode "[\w.]+": .+ at byte \d+ of \d+$/);
        continue;
      }
      taken++;
      assert.deepStrictEqual(withoutEnums(ours.value, desc), withoutEnums(theirs.value, desc), text);
    }
    assert.ok(taken > FUZZ_RUNS_PER_TYPE / 50, `only ${taken} were readable`);
  });
}

test("messageCodec round-trips the descriptor of descriptors", () => {
  const codec = messageCodec(FileDescriptorProtoSchema);
  const { proto } = file_google_protobuf_descriptor;
  const bytes = toBinary(FileDescriptorProtoSchema, proto);
  assert.deepEqual(codec.encode(proto), bytes);
  assert.deepStrictEqual(codec.decode(bytes), fromBinary(FileDescriptorProtoSchema, bytes));
  assert.deepStrictEqual(codec.copy(proto), fromBinary(FileDescriptorProtoSchema, bytes));
});

function attempt(work: () => unknown): { value?: unknown; error?: Error } {
  try {
    return { value: work() };
  } catch (error) {
    return { error: error as Error };
  }
}

/** Makes any message of a type; `depth` bounds how deep messages nest. */
function arbitraryMessage(desc: DescMessage, depth: number): fc.Arbitrary<Message> {
  const parts = desc.members.map((member) => {
    const values = member.kind === "oneof" ? arbitraryOneof(member, depth) : arbitraryField(member, depth);
    return fc.tuple(fc.constant(member), member.kind === "field" && isRequired(member) ? values : fc.option(values));
  });
  return fc.tuple(fc.tuple(...parts), arbitraryUnknown()).map(([members, unknown]) => {
    const message = create(desc) as Message & Record<string, unknown>;
    for (const [member, value] of members) {
      if (value !== null && value !== undefined) message[member.localName] = value;
    }
    if (unknown.length > 0) message.$unknown = unknown;
    return message;
  });
}

function isRequired(field: DescField): boolean {
  return field.presence === 3;
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
  return fc.array(fc.tuple(arbitraryKey(field.mapKey), item), { maxLength: 4 }).map((entries) => {
    const record: Record<string, unknown> = {};
    for (const [key, value] of entries) setEntry(record, key, value);
    return record;
  });
}

function arbitraryKey(scalar: ScalarType): fc.Arbitrary<string> {
  const keys = arbitraryScalar(scalar, false).map(String);
  return scalar === ScalarType.STRING ? fc.oneof(keys, fc.constantFrom("__proto__", "constructor", "7")) : keys;
}

function arbitraryItem(field: DescField, depth: number): fc.Arbitrary<unknown> | undefined {
  const info = fieldInfo(field);
  if (field.enum) {
    const known = fc.constantFrom(...field.enum.values.map((value) => value.number));
    return field.enum.open ? fc.oneof(known, fc.integer()) : known;
  }
  if (info.form === "json") {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
    return fc.dictionary(fc.string(), json, { maxKeys: 3, noNullPrototype: true });
  }
  if (info.scalar !== undefined) return arbitraryScalar(info.scalar, info.longAsString);
  return depth > 0 ? arbitraryMessage(field.message as DescMessage, depth - 1) : undefined;
}

function arbitraryScalar(scalar: ScalarType, longAsString: boolean): fc.Arbitrary<unknown> {
  if (isLong(scalar)) {
    const unsigned = scalar === ScalarType.UINT64 || scalar === ScalarType.FIXED64;
    const [min, max] = unsigned ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
    const low = unsigned ? 0n : -300n;
    const longs = fc.oneof(fc.bigInt({ min, max }), fc.bigInt({ min: low, max: 300n }), fc.constantFrom(min, max));
    return longAsString ? longs.map(String) : longs;
  }
  switch (scalar) {
    case ScalarType.DOUBLE:
      return fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN));
    case ScalarType.FLOAT:
      return fc.oneof(fc.float(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY));
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.STRING:
      return fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.string({ minLength: 30, maxLength: 300 }));
    case ScalarType.BYTES:
      return fc.oneof(fc.uint8Array(), fc.uint8Array({ minLength: 100, maxLength: 300 }));
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.oneof(fc.nat({ max: 0xffffffff }), fc.nat({ max: 300 }), fc.constant(0xffffffff));
    default:
      return fc.oneof(fc.integer(), fc.integer({ min: -300, max: 300 }), fc.constantFrom(0x7fffffff, -0x80000000));
  }
}

function arbitraryUnknown(): fc.Arbitrary<UnknownField[]> {
  const field = fc.record({ no: fc.integer({ min: 5000, max: 536_870_911 }), number: fc.nat({ max: 127 }) });
  const asVarint = field.map(({ no, number }) => ({ no, wireType: 0, data: Uint8Array.of(number) }));
  const asBytes = field.map(({ no, number }) => ({ no, wireType: 2, data: Uint8Array.of(1, number) }));
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<UnknownField[]>([]) },
    fc.array(fc.oneof(asVarint, asBytes), { maxLength: 3 }),
  );
}

/** Overwrites everything that a message consists of. */
function scramble(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xaa);
  else if (Array.isArray(value)) {
    value.forEach(scramble);
    value.length = 0;
  } else if (typeof value === "object" && value !== null) {
    for (const key of Object.keys(value)) {
      scramble((value as Record<string, unknown>)[key]);
      delete (value as Record<string, unknown>)[key];
    }
  }
}

/**
 * Drops the unknown numbers of closed enums from `$unknown`: protobuf-es 2.17 loses them when the same message also has a field that
 * is unknown altogether, we keep both.
 */
function withoutEnums(value: unknown, desc: DescMessage): unknown {
  const closed = new Set<number>();
  const seen = new Set<DescMessage>();
  collectClosed(desc, { closed, seen });
  const walk = (item: unknown): void => {
    if (typeof item !== "object" || item === null || item instanceof Uint8Array) return;
    const message = item as { $unknown?: UnknownField[] };
    if (Array.isArray(message.$unknown)) {
      message.$unknown = message.$unknown.filter((field) => !closed.has(field.no));
      if (message.$unknown.length === 0) delete message.$unknown;
    }
    Object.values(item).forEach(walk);
  };
  walk(value);
  return value;
}

function collectClosed(desc: DescMessage, into: { closed: Set<number>; seen: Set<DescMessage> }): void {
  if (into.seen.has(desc)) return;
  into.seen.add(desc);
  for (const field of desc.fields) {
    if (field.fieldKind === "enum" && !field.enum.open) into.closed.add(field.number);
    if (field.message) collectClosed(field.message, into);
  }
}

function mutate(seed: Uint8Array, random: () => number): Uint8Array {
  const pick = (below: number) => Math.floor(random() * below);
  const bytes = [...(random() < 0.1 ? Array.from({ length: pick(40) }, () => pick(256)) : seed)];
  for (let count = pick(4); count > 0; count--) {
    const at = pick(bytes.length + 1);
    const kind = pick(6);
    if (kind === 0) bytes.length = at;
    else if (kind === 1) bytes.splice(at, 0, pick(256));
    else if (kind === 2) bytes.splice(at, pick(4));
    else if (kind === 3) bytes.splice(at, 0, ...bytes.slice(at, at + pick(30)));
    else if (bytes.length > 0)
      bytes[at % bytes.length] = kind === 4 ? pick(256) : (bytes[at % bytes.length] as number) ^ (1 << pick(8));
  }
  return Uint8Array.from(bytes);
}

/** A small generator of numbers from 0 to 1, the same for the same seed. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
