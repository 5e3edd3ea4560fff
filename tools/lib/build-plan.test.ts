import assert from "node:assert/strict";
import { test } from "node:test";
import { generatedFiles, planPackage } from "./build-plan.ts";
import { parseManifest } from "./project.ts";

const manifest = (json: object) => parseManifest({ path: "packages/core/package.json", text: JSON.stringify(json) });

test("planPackage makes one entry of each export and bin", () => {
  const exports = { ".": { default: "./dist/index.js" }, "./codes": { default: "./dist/codes.js" } };
  const plan = planPackage(manifest({ exports, bin: { orrery: "./dist/random.js" } }), true);
  assert.deepEqual(Object.fromEntries(plan.entries), {
    index: "src/index.ts",
    codes: "src/codes.ts",
    random: "src/random.ts",
  });
});

test("planPackage leaves a bin that is committed JavaScript alone", () => {
  assert.equal(planPackage(manifest({ bin: { orrery: "./bin/orrery.js" } }), false).entries.size, 0);
});

test("planPackage refuses an export without a source", () => {
  assert.throws(() => planPackage(manifest({ exports: { ".": { default: "./dist/no-such.js" } } }), false), {
    message:
      'Cannot build "packages/core/package.json": there is no packages/core/src/no-such.ts, write it or take the export out',
  });
});

test("planPackage refuses an export outside dist", () => {
  assert.throws(() => planPackage(manifest({ exports: { ".": { default: "./src/index.ts" } } }), false), {
    message: 'Cannot build "packages/core/package.json": "./src/index.ts" is not like ./dist/NAME.js',
  });
});

test("planPackage takes the code of some dependencies in and leaves the others imports", () => {
  const dependencies = { "@bufbuild/protobuf": "2.0.0", "@standard-schema/spec": "1.0.0" };
  const { inlined, external } = planPackage(manifest({ name: "@orrery/core", dependencies }), true);
  assert.deepEqual({ inlined, external }, { inlined: ["@bufbuild/protobuf"], external: ["@standard-schema/spec"] });
});

test("generatedFiles finds what packages carry of generated code, so that a build sees it change", () => {
  const files = generatedFiles();
  for (const path of ["packages/core/src/gen/orrery/control/v1/control_pb.ts", "packages/sim/src/gen/page.ts"])
    assert.ok(files.includes(path), path);
});
