import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtureProject } from "../lib/fixture.ts";
import { FILE_LINES_MAX, FUNCTION_LINES_MAX } from "../policy.ts";
import { checkSizes } from "./sizes.ts";

const lines = (count: number): string => "// line\n".repeat(count);
const body = (count: number): string => `() {\n${lines(count - 2)}}`;

function sizesOf(text: string, path = "packages/core/src/a.ts"): string[] {
  return checkSizes(fixtureProject({ [path]: text })).map((finding) => `${finding.line} ${finding.what}`);
}

test("checkSizes refuses a file one line past the limit", () => {
  assert.deepEqual(sizesOf(lines(FILE_LINES_MAX + 1)), ["0 has 401 lines, 400 are allowed"]);
});

test("checkSizes accepts a file at the limit", () => {
  assert.deepEqual(sizesOf(lines(FILE_LINES_MAX)), []);
});

const long = body(FUNCTION_LINES_MAX + 1);
const forms: readonly { name: string; text: string; what: string }[] = [
  { name: "function", text: `\nfunction run${long}`, what: "2 function run has 71 lines, 70 are allowed" },
  {
    name: "arrow",
    text: `const run = ${long.replace("()", "() =>")};`,
    what: "1 function run has 71 lines, 70 are allowed",
  },
  { name: "method", text: `class A { run${long} }`, what: "1 function run has 71 lines, 70 are allowed" },
  { name: "method of an object", text: `f({ run${long} });`, what: "1 function run has 71 lines, 70 are allowed" },
  { name: "function without a name", text: `f(function ${long});`, what: "1 a function has 71 lines, 70 are allowed" },
];

for (const { name, text, what } of forms) {
  test(`checkSizes refuses a ${name} one line past the limit`, () => assert.deepEqual(sizesOf(text), [what]));
}

test("checkSizes accepts a function at the limit", () => {
  assert.deepEqual(sizesOf(`function run${body(FUNCTION_LINES_MAX)}`), []);
});

test("checkSizes does not measure tests", () => {
  assert.deepEqual(sizesOf(lines(FILE_LINES_MAX * 2), "packages/core/src/a.test.ts"), []);
});
