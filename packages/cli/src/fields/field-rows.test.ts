import assert from "node:assert/strict";
import { test } from "node:test";
import { defineService, type JsonValue, json } from "@orrery/core";
import { contractOf, type MethodContract } from "@orrery/core/internal";
import { coreFiles, coreMessage, serviceOf } from "../testing/core-contracts.ts";
import { fieldRows, type JsonSchema } from "./index.ts";
import { ROWS_DEPTH_MAX, ROWS_MAX } from "./limits.ts";

function lines(typeName: string): string[] {
  const rows = fieldRows(serviceOf(coreMessage(`codec.${typeName}`)));
  return rows.map(({ flag, type, text }) => [flag, type, text].join(" | "));
}

test("fieldRows lists flags in the contract's order, and those of messages within", () => {
  assert.deepEqual(lines("order.Order"), [
    "--id | string | ",
    "--customer | string | ",
    "--priority | uint32 | ",
    "--lines | repeated Line | ",
    "--lines.N.sku | string | ",
    "--lines.N.quantity | uint32 | ",
    "--lines.N.price | double | ",
    "--tags | repeated string | ",
    "--total | double | ",
    "--paid | bool | ",
  ]);
});

test("fieldRows tells how oneofs, enums, maps, bytes and well-known types are written", () => {
  assert.deepEqual(lines("scalars.Choice").slice(-6, -3), [
    "--between | int32 | ",
    "--early | string | one of second: early, late",
    "--late | Child | one of second: early, late",
  ]);
  assert.ok(lines("scalars.Plain").includes("--colorField | UNSPECIFIED | RED | NEGATIVE | "));
  assert.ok(lines("scalars.Plain").includes("--bytesField | bytes | base64, or @file"));
  assert.ok(lines("scalars.Values").includes("--stringValues.KEY | map<string, string> | "));
  assert.ok(lines("scalars.Values").includes("--childValues.KEY.text | string | "));
  assert.ok(lines("known.Known").includes("--time | Timestamp | such as 2026-01-31T12:00:00Z"));
  assert.ok(lines("known.Known").includes("--any | google.protobuf.Any | only in JSON for the whole request"));
  assert.ok(lines("legacy.Required").includes("--text | string | required; default none"));
  assert.ok(lines("legacy.Default").includes("--closedField | ONE | TWO | LESS | default CLOSED_TWO"));
});

test("fieldRows ends for messages that hold themselves, within its limits", () => {
  for (const desc of coreFiles.flatMap((file) => file.messages)) {
    const rows = fieldRows(serviceOf(desc));
    assert.ok(rows.length <= ROWS_MAX);
    for (const { flag } of rows) {
      const names = flag.split(".").filter((part) => part !== "N" && part !== "KEY");
      assert.ok(names.length <= ROWS_DEPTH_MAX, flag);
    }
  }
});

test("fieldRows lists what a JSON Schema tells, and nothing without one", () => {
  const service = contractOf(
    defineService("weather", { today: { request: json<JsonValue>(), reply: json<JsonValue>() } }),
  );
  const method = service.methods.get("today") as MethodContract;
  const request: JsonSchema = {
    type: "object",
    required: ["place"],
    properties: {
      place: { type: "string", description: "Where to look" },
      days: { type: "integer", default: 3 },
      at: { type: "string", format: "date-time" },
      unit: { enum: ["celsius", "kelvin"] },
      "a.b": { type: "array", items: { type: "number" } },
    },
  };
  assert.deepEqual(fieldRows({ service, method }, { request }), [
    { flag: "--place", type: "string", text: "Where to look; required" },
    { flag: "--days", type: "integer", text: "default 3" },
    { flag: "--at", type: "string", text: "date-time" },
    { flag: "--unit", type: "celsius | kelvin", text: "" },
    { flag: '--"a.b"', type: "repeated number", text: "" },
  ]);
  assert.deepEqual(fieldRows({ service, method }), []);
});
