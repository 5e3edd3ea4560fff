import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCsv } from "./csv.ts";

const GOOD: readonly [string, string, Record<string, string>[]][] = [
  [
    "plain fields",
    "a,b\n1,2\n3,4\n",
    [
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ],
  ],
  ["quoted commas", 'a,b\n"x, y",2\n', [{ a: "x, y", b: "2" }]],
  ["doubled quotes", 'a,b\n"say ""hi""",2', [{ a: 'say "hi"', b: "2" }]],
  ["empty fields", "a,b,c\n,,\n", [{ a: "", b: "", c: "" }]],
  ["line ends of Windows", "a,b\r\n1,2\r\n", [{ a: "1", b: "2" }]],
  ["no text", "", []],
];

for (const [what, text, rows] of GOOD)
  test(`parseCsv reads ${what}`, () => {
    assert.deepEqual(parseCsv(text), rows);
  });

test("parseCsv names the line that has too few fields", () => {
  assert.throws(() => parseCsv("a,b\n1,2\n3\n"), { message: "Cannot read line 3: it has 1 fields, 2 are named" });
});
