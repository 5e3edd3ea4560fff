import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isNode, parseDocument } from "yaml";
import { MANIFEST_SHAPE, manifestSchema } from "./manifest-shape.ts";
import { readShape } from "./read-shape.ts";

const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(manifestSchema());

/** Whether a text has the shape of a manifest, for our reader and for the schema. */
function judge(text: string): readonly [reader: boolean, schema: boolean] {
  const document = parseDocument(text);
  const mistakes: string[] = [];
  readShape(isNode(document.contents) ? document.contents : null, MANIFEST_SHAPE, (mistake) =>
    mistakes.push(mistake.text),
  );
  return [mistakes.length === 0, isValid(document.toJS())];
}

describe("manifestSchema", () => {
  const TEXTS: readonly (readonly [text: string, isFit: boolean])[] = [
    ["name: shop\nversion: 1.2.0-beta.1\nmain: a.ts\nengine: '>=24'", true],
    ["version: 1.2", false],
    ["variables: { A: string, B: { type: one-of, values: [a], from: { file: b } } }", true],
    ["variables: { A: one-of }", false],
    ["variables: { 1A: string }", false],
    ["variables: { A: { from: { url: b } } }", false],
    ["files: [a, { path: b, is: folder, access: write }]", true],
    ["files: [{ is: folder }]", false],
    ["ports: { http: 8080, other: { port: 1, host: '::1' } }", true],
    ["ports: { http: 65536 }", false],
    ["ports: { http: 80.5 }", false],
    ["disk: 1.5GiB\nmemory: 100MB", true],
    ["disk: 100", false],
    ["reach: [http://a/, { to: 'tcp://a:1', required: true, within: 1s }]", true],
    ["reach: ['tcp://a']", false],
    ["checks: [a.ts, { name: b, run: [b, c], within: 1m }]", true],
    ["checks: [{ run: [] }]", false],
    ["commands: { beforeStart: [a.ts], afterShutdown: [{ script: b.sh }] }", true],
    ["commands: { before: [a.ts] }", false],
    ["packages: false\ninstances: 2\nresources: { memoryMax: 1GiB }", true],
    ["instances: 1025", false],
    ["limits: { inbox: { messages: 1, bytes: 1MiB }, instances: { min: 1, max: 2 } }", true],
    ["limits: { inbox: { messages: 0 } }", false],
    ["wheels: 4", false],
    ["[name]", false],
  ];
  for (const [text, isFit] of TEXTS)
    it(`${isFit ? "accepts" : "refuses"} what the reader ${isFit ? "accepts" : "refuses"}: ${text.replaceAll("\n", ", ")}`, () => {
      assert.deepEqual(judge(text), [isFit, isFit]);
    });

  it("says of every name what it is", () => {
    const { properties } = manifestSchema() as { properties: Record<string, { description: string }> };
    assert.deepEqual(Object.keys(properties), Object.keys(MANIFEST_SHAPE.fields));
    assert.ok(Object.values(properties).every(({ description }) => description.length > 10));
  });
});
