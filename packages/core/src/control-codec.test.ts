import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { CONTROL, type ControlInit, decodeControl, encodeControl } from "./control-codec.ts";
import { ControlSchema } from "./gen/orrery/control/v1/control_pb.ts";
import type { MessageTable } from "./protobuf/message-table.ts";
import { factsOfDesc, factsOfTable } from "./testing/table-facts.ts";

test("CONTROL says what the schema says", () => {
  assert.deepEqual(factsOfTable(CONTROL), factsOfDesc(ControlSchema));
});

/** Any value of a type, as the tables have it; a field is now and then left out. */
function anyMessage({ fields }: MessageTable): fc.Arbitrary<Record<string, unknown>> {
  const entries = fields.map(({ name, type, repeated }) => {
    const one: fc.Arbitrary<unknown> = typeof type === "string" ? ANY_SCALAR[type] : anyMessage(type);
    return [name, repeated ? fc.array(one, { maxLength: 3 }) : one] as const;
  });
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

const ANY_SCALAR = {
  text: fc.string({ unit: "grapheme", maxLength: 200 }),
  bytes: fc.uint8Array({ maxLength: 300 }),
  bool: fc.boolean(),
  uint32: fc.oneof(fc.constant(0), fc.nat(), fc.constant(0xffffffff)),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fixed64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
};

const anyControl: fc.Arbitrary<ControlInit> = fc.oneof(
  ...CONTROL.fields.map(({ name, type }) =>
    anyMessage(type as MessageTable).map((value) => ({ case: name, value }) as ControlInit),
  ),
);

test("encodeControl writes the bytes that protobuf-es writes", () => {
  fc.assert(
    fc.property(anyControl, (message) => {
      const expected = toBinary(ControlSchema, create(ControlSchema, { message }));
      assert.deepEqual(encodeControl(message), expected);
    }),
  );
});

test("decodeControl reads the messages that protobuf-es reads", () => {
  fc.assert(
    fc.property(anyControl, (message) => {
      const bytes = toBinary(ControlSchema, create(ControlSchema, { message }));
      assert.deepEqual(decodeControl(bytes), fromBinary(ControlSchema, bytes));
    }),
  );
});

test("decodeControl refuses every start of a message that protobuf-es refuses, and reads the others as it does", () => {
  fc.assert(
    fc.property(anyControl, fc.double({ min: 0, max: 1, noNaN: true }), (message, share) => {
      const bytes = encodeControl(message);
      const start = bytes.subarray(0, Math.floor(bytes.length * share));
      assert.deepEqual(
        outcome(decodeControl, start),
        outcome((cut) => fromBinary(ControlSchema, cut), start),
      );
    }),
  );
});

function outcome(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch {
    return "refused";
  }
}

const LEAVE = [0x32, 3, 0x0a, 1, 0x61]; // leave { reason: "a" }

for (const { what, bytes, expected } of [
  { what: "a message of a newer peer", bytes: [0x7a, 1, 0xff], expected: { case: undefined } },
  { what: "fields of a newer peer within", bytes: [0x32, 5, 0x7a, 0, 0x0a, 1, 0x61], expected: "a" },
  { what: "a group of a newer peer within", bytes: [0x32, 5, 0x7b, 0x7c, 0x0a, 1, 0x61], expected: "a" },
  { what: "the last of two messages", bytes: [0x12, 2, 8, 1, ...LEAVE], expected: "a" },
  { what: "one message in two parts", bytes: [...LEAVE, 0x32, 0], expected: "a" },
] as const) {
  test(`decodeControl reads ${what}`, () => {
    const { message } = decodeControl(Uint8Array.from(bytes));
    assert.deepEqual(message.case === "leave" ? message.value.reason : message, expected);
  });
}

for (const { what, bytes } of [
  { what: "a text that is longer than its message", bytes: [0x32, 3, 0x0a, 2, 0x61, 0x62] },
  { what: "a text that is no UTF-8", bytes: [0x32, 3, 0x0a, 1, 0xff] },
  { what: "a message that is cut short", bytes: [0x32, 9, 0x0a, 1] },
  { what: "the number 0 of a field", bytes: [0x00] },
] as const) {
  test(`decodeControl refuses ${what}`, () => {
    assert.throws(() => decodeControl(Uint8Array.from(bytes)), /at byte \d+ of \d+$/);
  });
}
