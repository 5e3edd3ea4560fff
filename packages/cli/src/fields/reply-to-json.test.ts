import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { bytes, defineService, json } from "@orrery/core";
import { contractOf, type MethodContract } from "@orrery/core/internal";
import { coreMessage, serviceOf } from "../testing/core-contracts.ts";
import { replyToJson } from "./index.ts";

const cases: readonly (readonly [type: string, json: JsonValue])[] = [
  ["scalars.Plain", { int64Field: "9007199254740993", uint64Field: "18446744073709551615", colorField: "COLOR_RED" }],
  ["scalars.Plain", { doubleField: "NaN", bytesField: "AQL/", boolField: true }],
  ["scalars.Keys", { int64Keys: { "-9223372036854775808": 1 } }],
  ["known.Known", { time: "2026-01-31T12:00:00.500Z", json: { a: [1, null] }, chosenText: "" }],
  ["known.Wrapped", { int64: "1", bytes: "" }],
];

for (const [type, value] of cases) {
  test(`replyToJson gives ${JSON.stringify(value)}`, () => {
    const desc = coreMessage(`codec.${type}`);
    assert.partialDeepStrictEqual(replyToJson(serviceOf(desc), fromJson(desc, value)), value);
  });
}

test("replyToJson gives fields that are zero or empty, and leaves out those whose absence means something", () => {
  const desc = coreMessage("codec.scalars.Plain");
  const given = replyToJson(serviceOf(desc), create(desc)) as Record<string, JsonValue>;
  const { boolField, int64Field, stringField, colorField } = given;
  assert.deepEqual([boolField, int64Field, stringField, colorField], [false, "0", "", "COLOR_UNSPECIFIED"]);
  assert.equal("childField" in given, false);
  const optional = coreMessage("codec.scalars.Optional");
  assert.deepEqual(replyToJson(serviceOf(optional), create(optional)), {});
});

test("replyToJson unpacks an Any whose type the contract tells, and says which it does not", () => {
  const desc = coreMessage("codec.known.Known");
  const wrapped = coreMessage("codec.known.Wrapped");
  const any = anyPack(wrapped, fromJson(wrapped, { int32: 5 }));
  assert.partialDeepStrictEqual(replyToJson(serviceOf(desc), create(desc, { any } as never)), {
    any: { "@type": "type.googleapis.com/codec.known.Wrapped", int32: 5 },
  });
  const unknown = create(AnySchema, { typeUrl: "x/none" });
  assert.throws(() => replyToJson(serviceOf(desc), create(desc, { any: unknown } as never)), {
    name: "OrreryError",
    code: "internal",
    message: /^Cannot print the reply of shop\.place: .*x\/none/,
  });
});

test("replyToJson gives a reply of a contract of schemas as it is, and bytes as base64", () => {
  const service = contractOf(
    defineService("weather", {
      today: { request: json<JsonValue>(), reply: json<JsonValue>() },
      draw: { request: bytes, reply: bytes },
      note: { request: json<JsonValue>(), mode: "async" },
    }),
  );
  const of = (name: string) => ({ service, method: service.methods.get(name) as MethodContract });
  assert.deepEqual(replyToJson(of("today"), { a: [1, null] }), { a: [1, null] });
  assert.equal(replyToJson(of("draw"), Uint8Array.of(1, 2, 255)), "AQL/");
  assert.equal(replyToJson(of("note"), undefined), null);
});
