import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { json, jsonBody } from "./json-body.ts";
import type { OrreryError } from "./orrery-error.ts";
import { copyPlainData } from "./plain-data.ts";

const codec = jsonBody(json<unknown>());

/** What a body becomes, or the text of why it is refused. */
function attempt(work: () => unknown): unknown {
  try {
    return { value: work() };
  } catch (thrown) {
    return { refused: (thrown as OrreryError).message, reason: (thrown as OrreryError).reason };
  }
}

// Values of every kind, plain or not, nested in arrays and objects with awkward keys.
const anything = fc.anything({
  key: fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toJSON", "length", "0", "")),
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
  withUnicodeString: true,
  values: [
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(null, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY, "\ud800", Symbol("s")),
    fc.func(fc.nat()),
  ],
});

test("copyPlainData accepts exactly what encoding accepts, and gives what decoding would give", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), anything), (value) => {
      const copied = attempt(() => codec.copy(value));
      const sent = attempt(() => codec.decode(codec.encode(value)));
      assert.deepEqual(copied, sent);
    }),
    { numRuns: 2000 },
  );
});

test("copyPlainData gives what JSON gives, for what it accepts", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(copyPlainData(value), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("copyPlainData shares nothing with what it was given", () => {
  const given = { list: [{ a: 1 }], inner: { b: [2] }, [Symbol("hidden")]: { c: 3 } };
  const copy = copyPlainData(given) as typeof given;
  given.list.push({ a: 9 });
  (given.inner.b as number[])[0] = 9;
  assert.deepEqual(copy, { list: [{ a: 1 }], inner: { b: [2] } });
  assert.deepEqual(Object.getOwnPropertySymbols(copy), []);
});

test("copyPlainData leaves out fields that are undefined, and makes -0 a 0", () => {
  const copy = copyPlainData({ a: undefined, b: -0, c: [-0] }) as { b: number; c: number[] };
  assert.deepEqual(Object.keys(copy), ["b", "c"]);
  assert.ok(Object.is(copy.b, 0) && Object.is(copy.c[0], 0));
});

test("copyPlainData keeps a field named __proto__ a field", () => {
  const copy = copyPlainData(JSON.parse('{"__proto__": {"admin": true}}')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(copy), ["__proto__"]);
  assert.equal(copy["admin"], undefined);
});

function circle(): unknown {
  const node: Record<string, unknown> = {};
  node["self"] = node;
  return node;
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

class Point {
  x = 1;
}

const refused: readonly { readonly what: string; readonly value: unknown; readonly text: string }[] = [
  { what: "NaN", value: { a: [Number.NaN] }, text: 'Cannot send "body.a[0]": NaN is no JSON number' },
  { what: "infinity", value: Number.NEGATIVE_INFINITY, text: 'Cannot send "body": -Infinity is no JSON number' },
  {
    what: "a BigInt",
    value: { id: 1n },
    text: 'Cannot send "body.id": a bigint is not plain data, pass it as a string',
  },
  { what: "a symbol", value: [Symbol("s")], text: 'Cannot send "body[0]": a symbol is not plain data' },
  { what: "a function", value: { f: () => 1 }, text: 'Cannot send "body.f": a function is not plain data' },
  {
    what: "undefined in an array",
    value: [1, undefined],
    text: 'Cannot send "body[1]": undefined is not plain data, pass null',
  },
  {
    what: "a hole in an array",
    value: new Array(1),
    text: 'Cannot send "body[0]": undefined is not plain data, pass null',
  },
  {
    what: "a Date",
    value: { at: new Date(0) },
    text: 'Cannot send "body.at": a Date is not plain data, pass its fields',
  },
  { what: "a Map", value: new Map(), text: 'Cannot send "body": a Map is not plain data, pass its fields' },
  {
    what: "an object of a class",
    value: new Point(),
    text: 'Cannot send "body": a Point is not plain data, pass its fields',
  },
  {
    what: "bytes",
    value: { raw: new Uint8Array(1) },
    text: 'Cannot send "body.raw": a Uint8Array is not plain data, pass its fields',
  },
  {
    what: "a boxed string",
    value: Object("s"),
    text: 'Cannot send "body": a String is not plain data, pass its fields',
  },
  {
    what: "an object whose prototype has no name",
    value: Object.create(Object.create(null)),
    text: 'Cannot send "body": a object with a prototype is not plain data, pass its fields',
  },
  {
    what: "a circle",
    value: circle(),
    text: 'Cannot send "body.self.self.self.self.self.self.self.self.self.self.sel…": nested deeper than 200 levels, or in a circle',
  },
  {
    what: "too many levels",
    value: nested(201),
    text: 'Cannot send "body[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]…": nested deeper than 200 levels, or in a circle',
  },
];

for (const { what, value, text } of refused) {
  test(`copyPlainData refuses ${what}`, () => {
    assert.deepEqual(
      attempt(() => copyPlainData(value)),
      { refused: text, reason: "malformed" },
    );
  });
}

test("copyPlainData takes as many levels as are allowed", () => {
  assert.deepEqual(copyPlainData(nested(200)), nested(200));
});
