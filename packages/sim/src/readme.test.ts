import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const ROOT = new URL("../../../", import.meta.url).pathname;

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const programs = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, program = ""]) => program);

/** Runs a program of the page in a folder of its own, as a reader would. */
function runProgram(t: TestContext, program: string): string {
  const folder = mkdtempSync(join(tmpdir(), "orrery-readme-"));
  t.after(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "page.ts"), program);
  const { stdout, stderr } = spawnSync(process.execPath, ["--conditions=source", "page.ts"], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout;
}

const PRINTED: readonly RegExp[] = [
  /^2 left after \d+ ms\nunreachable false\n$/,
  /^\{ total: 2 \}\n\{ total: 1 \}\ntrue 1\n$/,
  /^"every addition counts" fails: check: \d+ was added, \d+ is there .*orrery sim replay FILE --tape \S+\n/s,
  /^ +ms +hall +switch\n 8\.460 +│◀─+ lamp\.turn 2 ─+┤\n10\.915 .*\n\nThe two runs are the same for 2 lines, up to 0 ms; then they differ in tick\.\n/,
  /no order/,
  /^\{\s+id: '[0-9a-f-]{36}',\s+at: '2026-01-01T00:00:20\.\d{3}Z'\s+\}\n$/,
];

test("README has a program for each thing that it prints", () => {
  assert.equal(programs.length, PRINTED.length);
});

for (const [index, program] of programs.entries())
  test(`README's program ${index + 1} prints the same on every run`, (t) => {
    const first = runProgram(t, program);
    assert.match(first, PRINTED[index] ?? /^$/);
    assert.equal(runProgram(t, program), first);
  });
