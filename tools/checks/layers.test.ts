import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtureProject } from "../lib/fixture.ts";
import { checkLayers } from "./layers.ts";

const CLI = JSON.stringify({ name: "@orrery/cli", exports: { ".": "" }, dependencies: { "@orrery/core": "0.1.0" } });
const ROOT = JSON.stringify({ name: "orrery", devDependencies: { zod: "4.6.7" } });

const bad: readonly { name: string; files: Record<string, string>; what: RegExp }[] = [
  {
    name: "an upward import",
    files: { "packages/core/src/a.ts": 'import { x } from "@orrery/mesh";' },
    what: /imports @orrery\/mesh: mesh is not below core/,
  },
  {
    name: "an import of a neighbour",
    files: { "packages/http/src/a.ts": 'import { x } from "@orrery/zmq";' },
    what: /zmq is not below http/,
  },
  {
    name: "an undeclared dependency",
    files: { "packages/core/src/a.ts": '\nexport * from "zod";', "package.json": ROOT },
    what: /^imports "zod", which packages\/core\/package.json does not declare$/,
  },
  {
    name: "an undeclared dynamic import",
    files: { "packages/core/src/a.ts": 'const z = await import("zod");' },
    what: /imports "zod"/,
  },
  {
    name: "a deep import",
    files: {
      "packages/cli/package.json": CLI,
      "packages/core/src/index.ts": "",
      "packages/cli/src/a.ts": 'import "@orrery/core/src/x.ts";',
    },
    what: /imports "@orrery\/core\/src\/x.ts" past the package's exports/,
  },
  {
    name: "a relative import out of the package",
    files: { "packages/cli/src/a.ts": 'import "../../core/src/x.ts";' },
    what: /out of its own package/,
  },
  {
    name: "a module of Node in core",
    files: { "packages/core/src/a.ts": 'import { readFileSync } from "node:fs";' },
    what: /imports "node:fs", but @orrery\/core runs in a browser/,
  },
  {
    name: "a transport composed in the wrong package",
    files: { "packages/registry/src/a.ts": 'import { x } from "@orrery/zmq";' },
    what: /only mesh, cli, tests and examples compose zmq/,
  },
  {
    name: "a package without a place",
    files: { "packages/new/src/a.ts": 'import { x } from "@orrery/core";' },
    what: /new has no place in LAYERS/,
  },
  {
    name: "a package that imports itself by name",
    files: { "packages/core/src/a.ts": 'import { x } from "@orrery/core";' },
    what: /imports its own package by name/,
  },
  {
    name: "an upward edge in a manifest",
    files: { "packages/core/package.json": CLI.replaceAll("core", "cli").replace("@orrery/cli", "@orrery/core") },
    what: /declares @orrery\/cli: cli is not below core/,
  },
  {
    name: "a version that floats",
    files: { "package.json": ROOT.replace("4.6.7", "^4.6.7") },
    what: /asks for "zod" as "\^4.6.7"/,
  },
];

for (const { name, files, what } of bad) {
  test(`checkLayers refuses ${name}`, () => {
    const found = checkLayers(fixtureProject(files)).map((finding) => finding.what);
    assert.ok(
      found.some((text) => what.test(text)),
      found.join("\n"),
    );
  });
}

test("checkLayers accepts declared imports that point down, and the root's tools in tests", () => {
  const project = fixtureProject({
    "package.json": ROOT,
    "packages/cli/package.json": CLI,
    "packages/cli/src/a.ts": 'import { x } from "@orrery/core";\nimport { y } from "./b.ts";\nimport "node:fs";',
    "packages/cli/src/a.test.ts": 'import { z } from "zod";',
    "packages/core/src/a.test.ts": 'import { test } from "node:test";',
  });
  assert.deepEqual(checkLayers(project), []);
});
