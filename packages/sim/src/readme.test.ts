import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Runs the page's program in a folder of its own, as a reader would. */
function runPage(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "orrery-readme-"));
  t.after(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  writeFileSync(join(folder, "page.ts"), /```ts\n(.*?)```/s.exec(page)?.[1] ?? "");
  const { stdout, stderr } = spawnSync(process.execPath, ["--conditions=source", "page.ts"], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout;
}

test("README's program prints the same on every run", (t) => {
  const first = runPage(t);
  assert.match(first, /^2 left after \d+ ms\nunreachable false\n$/);
  assert.equal(runPage(t), first);
});
