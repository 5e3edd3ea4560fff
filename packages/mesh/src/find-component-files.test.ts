import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, describe, it } from "node:test";
import { findComponentFiles } from "./find-component-files.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-files-"));
after(() => rmSync(folder, { recursive: true }));
for (const name of [
  "b.ts",
  "a.js",
  "index.mts",
  "a.test.ts",
  "a.sim.ts",
  "types.d.ts",
  "vite.config.ts",
  ".hidden.ts",
  "data.json",
])
  writeFileSync(join(folder, name), "");

describe("findComponentFiles", () => {
  it("takes a file as it is, also one that a folder would leave out", async () => {
    const found = await findComponentFiles("a.test.ts", folder);
    assert.deepEqual(found, { path: "a.test.ts", isFolder: false, files: [join(folder, "a.test.ts")] });
  });

  it("takes the scripts of a folder, the index first, and leaves out tests, scenarios, types, configurations and hidden files", async () => {
    const { files, isFolder } = await findComponentFiles(".", folder);
    assert.equal(isFolder, true);
    assert.deepEqual(
      files.map((file) => basename(file)),
      ["index.mts", "a.js", "b.ts"],
    );
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["nowhere.ts", "not_found", `Cannot run "nowhere.ts": there is no such file or folder in "${folder}"`],
    [
      "data.json",
      "invalid_argument",
      'Cannot run "data.json": it is no script, name a .ts, .mts, .js or .mjs file, or a folder',
    ],
  ];
  for (const [path, code, message] of refused) {
    it(`refuses ${path}`, async () => {
      await assert.rejects(findComponentFiles(path, folder), { code, message });
    });
  }

  it("refuses a folder without scripts", async () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    await assert.rejects(findComponentFiles(empty, folder), {
      code: "not_found",
      message: `Cannot run "${empty}": the folder has no .ts, .mts, .js or .mjs file of its own, name the folder that has`,
    });
  });
});
