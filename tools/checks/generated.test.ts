import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { ROOT } from "../lib/project.ts";
import { compareTrees } from "./generated.ts";

test("compareTrees names files that differ, are missing, or have no source", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-trees-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = {
    "old/a.ts": "1",
    "new/a.ts": "1",
    "old/b.ts": "1",
    "new/b.ts": "2",
    "new/c/d.ts": "1",
    "old/e.ts": "1",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const old = relative(ROOT, join(folder, "old"));
  const found = compareTrees(old, join(folder, "new")).map(({ file, what }) => `${file} ${what}`);
  assert.deepEqual(found, [
    `${old}/b.ts is not what its source gives`,
    `${old}/c/d.ts is missing`,
    `${old}/e.ts has no source`,
  ]);
});
