import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtureProject } from "../lib/fixture.ts";
import { checkCycles } from "./cycles.ts";

test("checkCycles reports a circle once, with its path and the line that closes it", () => {
  const project = fixtureProject({
    "packages/core/src/a.ts": 'import { b } from "./b.ts";',
    "packages/core/src/b.ts": '\nexport * from "./c.ts";',
    "packages/core/src/c.ts": '\n\nimport { a } from "./a.ts";',
  });
  const findings = checkCycles(project);
  assert.equal(findings.length, 1);
  assert.deepEqual([findings[0]?.file, findings[0]?.line], ["packages/core/src/c.ts", 3]);
  assert.match(
    findings[0]?.what ?? "",
    /a\.ts -> packages\/core\/src\/b\.ts -> packages\/core\/src\/c\.ts -> packages\/core\/src\/a\.ts$/,
  );
});

test("checkCycles reports a file that imports itself", () => {
  assert.equal(checkCycles(fixtureProject({ "packages/core/src/a.ts": 'import "./a.ts";' })).length, 1);
});

test("checkCycles reports a circle closed by an inline type, since its file is still loaded", () => {
  const project = fixtureProject({
    "packages/core/src/a.ts": 'import { type B } from "./b.ts";',
    "packages/core/src/b.ts": 'import { a } from "./a.ts";',
  });
  assert.equal(checkCycles(project).length, 1);
});

test("checkCycles accepts import type, and two ways to one file", () => {
  const project = fixtureProject({
    "packages/core/src/a.ts": 'import "./b.ts";\nimport "./c.ts";',
    "packages/core/src/b.ts": 'import type { A } from "./a.ts";\nimport "./c.ts";',
    "packages/core/src/c.ts": "export const c = 1;",
  });
  assert.deepEqual(checkCycles(project), []);
});
