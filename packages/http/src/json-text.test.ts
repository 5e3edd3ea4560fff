import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { placeExactIntegers } from "./exact-integers.ts";
import { parseJson } from "./json-text.ts";
import { MixedSchema } from "./testdata/gen/door/test/v1/lab_pb.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function mixed(text: string) {
  const value = parseJson(encode(text), "x.Y", (parsed) => placeExactIntegers(parsed, MixedSchema)) as JsonValue;
  return toJson(MixedSchema, fromJson(MixedSchema, value));
}

const exact: readonly (readonly [what: string, text: string, read: JsonValue])[] = [
  ["a field", '{"signed":9007199254740993}', { signed: "9007199254740993" }],
  ["the smallest", '{"signed":-9223372036854775808}', { signed: "-9223372036854775808" }],
  ["the largest without sign", '{"unsigned":18446744073709551615}', { unsigned: "18446744073709551615" }],
  ["a list", '{"list":[1,9007199254740993]}', { list: ["1", "9007199254740993"] }],
  ["a map", '{"byName":{"__proto__":9007199254740993}}', { byName: JSON.parse('{"__proto__":"9007199254740993"}') }],
  ["a field by its name in the contract", '{"by_name":{"a":9007199254740993}}', { byName: { a: "9007199254740993" } }],
  ["a nested message", '{"nested":{"number":9007199254740993}}', { nested: { number: "9007199254740993" } }],
  [
    "a message in a map",
    '{"children":{"a":{"signed":9007199254740993}}}',
    { children: { a: { signed: "9007199254740993" } } },
  ],
  ["a wrapper", '{"boxed":9007199254740993}', { boxed: "9007199254740993" }],
  ["text as well", '{"signed":"9007199254740993"}', { signed: "9007199254740993" }],
];

for (const [what, text, read] of exact) {
  test(`parseJson keeps 64-bit integers exact in ${what}`, () => assert.deepEqual(mixed(text), read));
}

test("parseJson leaves large integers numbers where no 64-bit integer goes", () => {
  assert.deepEqual(mixed('{"ratio":10000000000000000000000}'), { ratio: 1e22 });
  assert.deepEqual(mixed('{"free":{"a":[9007199254740993]}}'), { free: { a: [9007199254740992] } });
});

const refused: readonly (readonly [what: string, bytes: Uint8Array, message: string])[] = [
  ["nothing", encode(""), 'Cannot read the body of "x.Y": it is empty, send at least {}'],
  ["space", encode(" \n"), 'Cannot read the body of "x.Y": it is empty, send at least {}'],
  ["bad UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 'Cannot read the body of "x.Y": it is not UTF-8'],
  [
    "what breaks off",
    encode('{"place":'),
    'Cannot read the body of "x.Y": expected a value, found the end at line 1, column 10',
  ],
  [
    "a very deep list of large integers",
    encode(`${"[".repeat(200_000)}9007199254740993${"]".repeat(200_000)}`),
    'Cannot read the body of "x.Y": it is nested too deeply',
  ],
];

for (const [what, bytes, message] of refused) {
  test(`parseJson refuses ${what}`, () => {
    const read = () => parseJson(bytes, "x.Y", (value) => placeExactIntegers(value, MixedSchema));
    assert.throws(read, { name: "OrreryError", reason: "malformed", message });
  });
}
