import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as v from "valibot";
import { z } from "zod";
import { defineComponent } from "./component.ts";
import { defineService } from "./contract-schema.ts";
import { bytes, bytesBody, json, jsonBody } from "./json-body.ts";
import type { Node } from "./node.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import { startTestNode } from "./testing/test-node.ts";

const utf8 = new TextEncoder();

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    assert.equal((thrown as OrreryError).reason, "malformed");
    return (thrown as OrreryError).message;
  }
  return assert.fail("not refused");
}

test("jsonBody carries JSON, and a value that is undefined as nothing", () => {
  const codec = jsonBody(json<unknown>());
  assert.equal(new TextDecoder().decode(codec.encode({ a: ["é", 1.5, null] })), '{"a":["é",1.5,null]}');
  assert.equal(codec.encode(undefined).length, 0);
  assert.equal(codec.decode(new Uint8Array(0)), undefined);
  assert.equal(codec.copy(undefined), undefined);
});

for (const length of [0, 1, 60, 61, 62, 63, 64, 65, 200]) {
  test(`jsonBody writes a text of ${length} characters as UTF-8, whatever they are`, () => {
    const codec = jsonBody(json<string>());
    for (const last of ["x", "é", "€", "\ud83d\ude00", "\u007f", "\u0080"]) {
      const value = `${"x".repeat(length)}${last}`;
      assert.deepEqual(codec.encode(value), utf8.encode(JSON.stringify(value)));
    }
  });
}

const malformed = [
  { what: "half an object", body: utf8.encode('{"a":'), text: /^Cannot read the JSON body: .*JSON/ },
  { what: "two values", body: utf8.encode("1 2"), text: /^Cannot read the JSON body: .*JSON/ },
  { what: "a byte order mark", body: utf8.encode("\ufeff1"), text: /^Cannot read the JSON body: .*JSON/ },
  { what: "what is no UTF-8", body: new Uint8Array([0x22, 0xff, 0x22]), text: /^Cannot read the JSON body: .*valid/ },
];

for (const { what, body, text } of malformed) {
  test(`jsonBody refuses ${what}`, () => {
    assert.match(
      refusalOf(() => jsonBody(json()).decode(body)),
      text,
    );
  });
}

for (const { what, value, got } of [
  { what: "text", value: "abc", got: "string" },
  { what: "null", value: null, got: "null" },
  { what: "an ArrayBuffer", value: new ArrayBuffer(1), got: "object" },
  { what: "nothing", value: undefined, got: "undefined" },
]) {
  test(`bytesBody refuses ${what}`, () => {
    const text = `Cannot send the body: the contract says bytes, got ${got}, pass a Uint8Array`;
    assert.equal(
      refusalOf(() => bytesBody.encode(value)),
      text,
    );
    assert.equal(
      refusalOf(() => bytesBody.copy(value)),
      text,
    );
  });
}

test("bytesBody copies what it is given, also a Node buffer", () => {
  const given = Buffer.from("abc");
  const [encoded, copied] = [bytesBody.encode(given), bytesBody.copy(given) as Uint8Array];
  given.fill(0);
  assert.deepEqual([...encoded], [97, 98, 99]);
  assert.deepEqual([...copied], [97, 98, 99]);
});

/** A schema that thinks about it, as those do that ask a database. */
const asyncEven: StandardSchemaV1<number, number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: async (value) =>
      typeof value === "number" && value % 2 === 0 ? { value } : { issues: [{ message: "must be even" }] },
  },
};
const throwing: StandardSchemaV1<string, string> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: () => {
      throw new RangeError("the schema itself failed");
    },
  },
};

const Checked = defineService("checked", {
  zod: {
    request: z.object({ when: z.string().transform((text) => new Date(text)), size: z.number().default(3) }),
    reply: z.object({ year: z.number().transform(String) }),
  },
  valibot: {
    request: v.object({ lines: v.array(v.object({ sku: v.string(), count: v.pipe(v.number(), v.minValue(1)) })) }),
    reply: v.number(),
  },
  async: { request: asyncEven, reply: asyncEven },
  throws: { request: throwing, reply: json<string>() },
  binary: { request: bytes, reply: bytes },
});

const checked = defineComponent(Checked, () => ({
  zod: ({ when, size }) => ({ year: when.getUTCFullYear() + size }),
  valibot: ({ lines }) => lines.length,
  async: (number) => number / 2,
  throws: (text) => text,
  binary: (body) => body.map((byte) => byte + 1),
}));

async function failureOf(call: Promise<unknown>): Promise<{ reason: string | undefined; message: string }> {
  const error = await call.then(
    () => assert.fail("not refused"),
    (thrown: OrreryError) => thrown,
  );
  return { reason: error.reason, message: error.message };
}

for (const local of ["copy", "encode"] as const) {
  const withNode = async (use: (node: Node) => Promise<void>) => {
    const { node } = await startTestNode([checked], { local });
    await use(node);
    await node.stop();
  };

  test(`jsonBody applies transforms and defaults of zod on the side that receives (${local})`, () =>
    withNode(async (node) => {
      const reply = await node.client(Checked).zod({ when: "2020-05-01" });
      assert.deepEqual(reply, { year: "2023" });
    }));

  test(`jsonBody refuses a request with the place of each issue (${local})`, () =>
    withNode(async (node) => {
      const request = {
        lines: [
          { sku: "a", count: 1 },
          { sku: 7, count: 0 },
        ],
      } as never;
      const error = await failureOf(node.client(Checked).valibot(request));
      assert.equal(error.reason, "malformed");
      assert.equal(
        error.message,
        "Cannot accept the body: body.lines.1.sku: Invalid type: Expected string but received 7; body.lines.1.count: Invalid value: Expected >=1 but received 0",
      );
    }));

  test(`jsonBody waits for a schema that thinks about it (${local})`, () =>
    withNode(async (node) => {
      assert.equal(await node.client(Checked).async(8), 4);
      assert.deepEqual(await failureOf(node.client(Checked).async(7)), {
        reason: "malformed",
        message: "Cannot accept the body: body: must be even",
      });
      assert.deepEqual(await failureOf(node.client(Checked).async(6)), {
        reason: "undecodable_reply",
        message: 'Cannot read the reply of "async": Cannot accept the body: body: must be even',
      });
    }));

  test(`jsonBody takes a schema that throws for one that refuses (${local})`, () =>
    withNode(async (node) => {
      assert.deepEqual(await failureOf(node.client(Checked).throws("x")), {
        reason: "malformed",
        message: 'Cannot read "checked.throws": the schema itself failed',
      });
    }));

  test(`jsonBody carries bytes where the contract says so (${local})`, () =>
    withNode(async (node) => {
      assert.deepEqual(await node.client(Checked).binary(new Uint8Array([1, 255])), new Uint8Array([2, 0]));
    }));
}

test("jsonBody tells at most ten issues", () => {
  const issues = Array.from({ length: 50 }, (_, at) => ({ message: `wrong ${at}`, path: [{ key: "a" }, at] }));
  const schema: StandardSchemaV1 = { "~standard": { version: 1, vendor: "test", validate: () => ({ issues }) } };
  const text = refusalOf(() => jsonBody(schema).check?.(1));
  assert.equal(text.split(";").length, 10);
  assert.ok(text.startsWith("Cannot accept the body: body.a.0: wrong 0; body.a.1: wrong 1"));
});

test("jsonBody makes a body that must be absent of no schema", () => {
  const codec = jsonBody(undefined);
  assert.equal(codec.encode({ any: 1 }).length, 0);
  assert.equal(codec.copy({ any: 1 }), undefined);
  assert.equal(codec.decode(utf8.encode("1")), undefined);
});

test("jsonBody carries the issues as details", () => {
  try {
    void jsonBody(v.object({ a: v.number() })).check?.({ a: "x" });
    assert.fail("not refused");
  } catch (thrown) {
    const issues = [{ place: "body.a", text: 'Invalid type: Expected number but received "x"' }];
    assert.deepEqual(thrown, failure("malformed", (thrown as Error).message, { details: { issues } }));
  }
});
