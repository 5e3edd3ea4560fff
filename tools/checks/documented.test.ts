import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtureProject } from "../lib/fixture.ts";
import { checkDocumented } from "./documented.ts";

function found(text: string, path = "packages/core/src/a.ts"): string[] {
  return checkDocumented(fixtureProject({ [path]: text })).map((finding) => `${finding.line} ${finding.what}`);
}

const bad: readonly [text: string, what: string][] = [
  ["export function run() {}", "1 export run has no doc comment"],
  ["\n// no doc\nexport const a = 1;", "3 export a has no doc comment"],
  ["/* no doc */ export class A {}", "1 export A has no doc comment"],
  ["/** Of the first. */\nexport type A = 1;\nexport type B = 2;", "3 export B has no doc comment"],
  ["/** Far away. */\nconst x = 1;\nexport interface A {}", "3 export A has no doc comment"],
  ["function run() {}\nexport { run };", "1 export run has no doc comment"],
];

for (const [text, what] of bad) {
  test(`checkDocumented refuses ${JSON.stringify(text)}`, () => assert.deepEqual(found(text), [what]));
}

const good: readonly string[] = [
  "/** Runs. */\nexport function run() {}",
  "/** Runs. */\nexport function run(a: 1): 1;\nexport function run(a: 2): 2;",
  'export { a } from "./b.ts";\nexport * from "./c.ts";',
  "/** Runs. */\nfunction run() {}\nexport { run };",
  "/** How. */\nexport interface RunOptions {\n  /** Default: 5000. */\n  timeoutMs: number;\n}",
  "function hidden() {}",
];

for (const text of good) {
  test(`checkDocumented accepts ${JSON.stringify(text)}`, () => assert.deepEqual(found(text), []));
}

test("checkDocumented leaves tests and programs alone", () => {
  assert.deepEqual(found("export const a = 1;", "packages/core/src/a.test.ts"), []);
  assert.deepEqual(found("export const a = 1;", "examples/hello/a.ts"), []);
});

const options = "/** How. */\nexport interface RunOptions {\n  timeoutMs: number;\n}";

for (const index of [
  'export * from "./a.ts";',
  'export { type RunOptions as O } from "./a.ts";',
  'export * from "./b.ts";',
]) {
  test(`checkDocumented wants each option explained that the index shows by ${index}`, () => {
    const project = fixtureProject({
      "packages/core/src/index.ts": index,
      "packages/core/src/b.ts": 'export * from "./a.ts";',
      "packages/core/src/a.ts": options,
    });
    const what = checkDocumented(project).map((finding) => `${finding.line} ${finding.what}`);
    assert.deepEqual(what, ["3 option RunOptions.timeoutMs has no doc comment"]);
  });
}

test("checkDocumented does not ask for what only the package itself sees", () => assert.deepEqual(found(options), []));
