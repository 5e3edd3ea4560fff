import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { buildTypesIn } from "./build-types.ts";
import { ROOT } from "./project.ts";

/** When npm says that a file of a package was made. */
const NPM_TIME = new Date("1985-10-26T08:15:00Z");

/** A project over a package whose types come from another package. */
const FILES = {
  "tsconfig.build.json":
    '{ "compilerOptions": { "composite": true, "strict": true, "skipLibCheck": true, "types": [], "rootDir": "src", "outDir": "dist", "emitDeclarationOnly": true, "module": "nodenext" }, "include": ["src"] }',
  "package.json": '{ "type": "module" }',
  "src/main.ts": 'import { make } from "near";\nexport const made = make();\nexport const size: number = made.size;\n',
  "node_modules/.package-lock.json": "{}",
  "node_modules/near/package.json": '{ "name": "near", "version": "1.0.0", "types": "./index.d.ts" }',
  "node_modules/near/index.d.ts":
    'import type { Far } from "far";\ninterface Near extends Far { name: string }\nexport declare function make(): Near;\n',
  "node_modules/far/package.json": '{ "name": "far", "version": "1.0.0", "types": "./index.d.ts" }',
  "node_modules/far/index.d.ts": "export interface Far { size: number }\n",
};

/** Writes the project into a folder that is gone after the test. */
function makeProject(): { readonly root: string; readonly folder: string } & Disposable {
  const root = mkdtempSync(join(tmpdir(), "orrery-types-"));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const folder = relative(ROOT, root);
  return { root, folder, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

test("buildTypesIn takes nothing for fresh that a build left which failed", async () => {
  using project = makeProject();
  const { root, folder } = project;
  const far = join(root, "node_modules/far");
  renameSync(far, `${far}.away`);
  assert.match((await buildTypesIn(folder)).output, /src\/main\.ts\(3,\d+\): error TS2339/);
  writeFileSync(join(root, "dist/main.d.ts"), "export declare const made: any;\n");
  renameSync(`${far}.away`, far);
  assert.deepEqual(await buildTypesIn(folder), { code: 0, output: "" });
  assert.match(readFileSync(join(root, "dist/main.d.ts"), "utf8"), /size: number/);
});

test("buildTypesIn builds anew over other packages, whose files npm gives the same time", async () => {
  using project = makeProject();
  const { root, folder } = project;
  assert.equal((await buildTypesIn(folder)).code, 0);
  const types = join(root, "node_modules/near/index.d.ts");
  writeFileSync(types, "export declare function make(): { size: string };\n");
  utimesSync(types, NPM_TIME, NPM_TIME);
  writeFileSync(join(root, "node_modules/.package-lock.json"), '{ "near": "2.0.0" }');
  assert.match((await buildTypesIn(folder)).output, /src\/main\.ts\(3,\d+\): error TS2322/);
  assert.match(readFileSync(join(root, "dist/main.d.ts"), "utf8"), /size/);
});
