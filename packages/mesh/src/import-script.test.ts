import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { importScript } from "./import-script.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-script-"));
after(() => rmSync(cwd, { recursive: true }));
writeFileSync(join(cwd, "good.ts"), "export const answer: number = 42;\n");
writeFileSync(join(cwd, "bad.ts"), 'throw new Error("not today");\n');

test("importScript gives what a file exports, and where it is", async () => {
  const { file, exports } = await importScript("good.ts", { cwd });
  assert.equal(file, join(cwd, "good.ts"));
  assert.equal(exports["answer"], 42);
});

test("importScript refuses a folder, and says which line threw", async () => {
  const folder = { code: "invalid_argument", message: 'Cannot run ".": it is a folder, name one of its files' };
  await assert.rejects(importScript(".", { cwd }), folder);
  await assert.rejects(importScript("bad.ts", { cwd }), {
    message: /^Cannot load "bad.ts": .*not today, at bad\.ts:1$/,
  });
  await assert.rejects(importScript("none.ts", { cwd }), { code: "not_found" });
});
