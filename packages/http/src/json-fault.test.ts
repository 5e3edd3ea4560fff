import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findJsonFault } from "./json-fault.ts";

const faults: readonly (readonly [text: string, expected: string, found: string, line: number, column: number])[] = [
  ["", "a value", "the end", 1, 1],
  ["nope", "a value", '"n"', 1, 1],
  ['{"a":1,}', "a name in double quotes", '"}"', 1, 8],
  ["{a:1}", 'a name in double quotes or "}"', '"a"', 1, 2],
  ["{'a':1}", 'a name in double quotes or "}"', '"\'"', 1, 2],
  ['{"a":', "a value", "the end", 1, 6],
  ['{"a" 1}', '":"', '"1"', 1, 6],
  ['{"a":1 "b":2}', '"," or "}"', '"\\""', 1, 8],
  ["[1,2", '"," or "]"', "the end", 1, 5],
  ["[1,]", "a value", '"]"', 1, 4],
  ["[,1]", 'a value or "]"', '","', 1, 2],
  ['{"a":01}', '"," or "}"', '"1"', 1, 7],
  ['{"a":1}x', "nothing more", '"x"', 1, 8],
  ['{\n  "a": 1,\n  "b": tru\n}', "a value", '"t"', 3, 8],
  ['{"a":"b', "the closing quote of a string", "the end", 1, 8],
  ['{"a":"\u0001"}', "an escaped control character", '"\\u0001"', 1, 7],
  ['{"a":"\\x"}', "an escape that JSON has", '"\\\\"', 1, 7],
  ['{"a":"\\u12"}', "an escape that JSON has", '"\\\\"', 1, 7],
  ["[😀]", 'a value or "]"', '"😀"', 1, 2],
  ["-", "a value", '"-"', 1, 1],
  ["[1}", '"," or "]"', '"}"', 1, 3],
  ["NaN", "a value", '"N"', 1, 1],
];

for (const [text, expected, found, line, column] of faults) {
  test(`findJsonFault tells where ${JSON.stringify(text)} goes wrong`, () => {
    assert.deepEqual(findJsonFault(text), { expected, found, line, column });
  });
}

test("findJsonFault agrees with JSON.parse on whether text is JSON", () => {
  const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", "]", '"', "\\", "0", "e", " ", "\n", "{"));
  const property = fc.property(broken, ([json, place, insert]) => {
    const at = place % (json.length + 1);
    const text = json.slice(0, at) + insert + json.slice(at + (place % 2));
    assert.equal(findJsonFault(text) === undefined, isJson(text), text);
  });
  fc.assert(property, { numRuns: 5_000 });
});

test("findJsonFault reads text that is nested very deeply", () => {
  assert.equal(findJsonFault("[".repeat(1_000_000))?.column, 1_000_001);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
