import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHostFile } from "./parse-host-file.ts";

const parse = (text: string) => parseHostFile(text, { file: "host.yaml" });

test("parseHostFile takes numbers of processes, and ranges of them", () => {
  const { components, elastic, lend } = parse(
    "components: { a: { instances: 3 }, b: { instances: 1..8, elastic: { waitMs: 50 } }, c: {} }\nelastic: { idleMs: 60000 }\n",
  );
  assert.deepEqual(components, {
    a: { instances: 3 },
    b: { instances: { min: 1, max: 8 }, elastic: { waitMs: 50 } },
    c: {},
  });
  assert.deepEqual(elastic, { scope: "host", idleMs: 60000 });
  assert.deepEqual(lend, { instances: 0, to: [] });
});

for (const [said, where, why] of [
  ["0..3", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["8..1", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["1..257", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["257", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["many", "1:31", "write a whole number from 0 to 256, or from least to most such as 1..8"],
  ["1, elastic: { waitMs: 0 }", "1:53", "write a number from 1 to 3600000"],
  ["1, elastic: { step: 1.5 }", "1:51", "write a whole number from 1 to 1000"],
  ["1, elastic: { scope: process }", "1:52", "write host, network, any"],
  ["1, elastic: { max: 3 }", "1:45", 'there is no "components.a.elastic.max"'],
] as const)
  test(`parseHostFile refuses instances: ${said}, and says where and why`, () => {
    assert.throws(() => parse(`components: { a: { instances: ${said} } }`), {
      code: "invalid_argument",
      message: new RegExp(`^Cannot read "host.yaml":\\n  host.yaml:${where}: .*${why.replace(/[.]/g, "\\.")}`),
    });
  });
