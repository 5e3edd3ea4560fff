import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { loadComponents } from "./load-components.ts";
import { APPS } from "./testing/apps.ts";

const namesOf = async (...paths: string[]) =>
  (await loadComponents(paths, { cwd: APPS })).map(({ name, file }) => `${name} ${file.slice(APPS.length)}`);

const scratch = mkdtempSync(join(tmpdir(), "orrery-load-"));
after(() => rmSync(scratch, { recursive: true }));

/** Text of a file that cannot be loaded, and what is said of it. */
const BROKEN: readonly (readonly [string, string, string])[] = [
  [
    "throws.ts",
    "const first = 1;\n\nthrow new RangeError('boom ' + first);\n",
    'Cannot load "throws.ts": RangeError: boom 1, at throws.ts:3',
  ],
  ["says.ts", 'throw "no";\n', 'Cannot load "says.ts": it threw "no"'],
  [
    "typed.ts",
    "export const fine = 1;\nexport const broken: number = = 2;\n",
    'Cannot load "typed.ts": SyntaxError: Expression expected, at typed.ts:2',
  ],
  [
    "plain.mjs",
    "export const fine = 1;\nexport const broken = = 2;\n",
    "Cannot load \"plain.mjs\": SyntaxError: Unexpected token '=', at plain.mjs:2",
  ],
  [
    "importer.ts",
    'import "./typed.ts";\n',
    'Cannot load "importer.ts": SyntaxError: Expression expected, at typed.ts:2',
  ],
  [
    "package.ts",
    'import "no-such-package";\n',
    'Cannot load "package.ts": "package.ts" imports package "no-such-package", which is not installed, run npm install',
  ],
  [
    "file.ts",
    'import "./no-such.ts";\n',
    'Cannot load "file.ts": "file.ts" imports "no-such.ts", and there is no such file',
  ],
  [
    "name.ts",
    'import { nothing } from "node:path";\nnothing();\n',
    "Cannot load \"name.ts\": SyntaxError: The requested module 'node:path' does not provide an export named 'nothing', at name.ts:1",
  ],
  [
    "syntax.ts",
    "enum Colour {\n  red,\n}\n",
    'Cannot load "syntax.ts": TypeScript enum is not supported in strip-only mode, write what Node can run by leaving types out, at syntax.ts:1',
  ],
  ["empty.ts", "", 'Cannot run "empty.ts": it exports nothing, write: export default defineComponent(…)'],
  [
    "other.ts",
    "export const answer = 42;\nexport default () => answer;\n",
    'Cannot run "other.ts": it exports no component, only default, answer, write: export default defineComponent(…)',
  ],
];

describe("loadComponents", () => {
  it("takes components that are exported by name", async () => {
    assert.deepEqual(await namesOf("counter.ts"), ["test.counter counter.ts"]);
  });

  it("takes those of an array, and each once however often it is exported", async () => {
    assert.deepEqual(await namesOf("both.ts"), ["test.counter both.ts", "test.asker both.ts"]);
  });

  it("lets a folder's index speak for it", async () => {
    assert.deepEqual(await namesOf("shop"), ["test.asker shop/index.ts"]);
  });

  it("takes every file of a folder without index, and passes over those without components", async () => {
    assert.deepEqual(await namesOf("loose"), ["test.counter loose/counts.ts"]);
  });

  it("refuses one component from two files", async () => {
    writeFileSync(join(scratch, "copy.ts"), COPY);
    await assert.rejects(loadComponents([join(APPS, "counter.ts"), "copy.ts"], { cwd: scratch }), (error: Error) => {
      assert.match(
        error.message,
        /^Cannot run component "test.counter" twice: it is in ".*counter.ts" and "copy.ts", /,
      );
      return true;
    });
  });

  for (const [name, text, message] of BROKEN) {
    it(`says what is wrong with ${name}`, async () => {
      writeFileSync(join(scratch, name), text);
      await assert.rejects(loadComponents([name], { cwd: scratch }), { code: "invalid_argument", message });
    });
  }
});

const COPY = `export default {
  kind: "orrery.component",
  service: { kind: "orrery.service", name: "test.counter", methods: {} },
  factory: () => ({}),
  options: {},
};
`;
