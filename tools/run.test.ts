import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const OLD = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.0.0" } });';

/** A folder with nothing but the door in it, and a way to go through it. */
function emptyCheckout(t: TestContext): {
  folder: string;
  run(preload: string, ...words: string[]): [number | null, string];
} {
  const folder = mkdtempSync(join(tmpdir(), "orrery-run-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "tools"));
  for (const name of ["run.mjs", "link-node.mjs"]) cpSync(join(import.meta.dirname, name), join(folder, "tools", name));
  writeFileSync(
    join(folder, "hello.ts"),
    'const words: string[] = process.argv.slice(2);\nconsole.log("hello", words.join());\n',
  );
  const run = (preload: string, ...words: string[]): [number | null, string] => {
    const args = [
      "--import",
      `data:text/javascript,${encodeURIComponent(preload)}`,
      join(folder, "tools/run.mjs"),
      ...words,
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return [status, stdout + stderr];
  };
  return { folder, run };
}

function pretendInstalled(folder: string): void {
  mkdirSync(join(folder, "node_modules/oxc-parser"), { recursive: true });
}

test("run.mjs says that the dependencies are not installed", (t) => {
  const [status, output] = emptyCheckout(t).run(OLD, "hello.ts");
  assert.equal(status, 1);
  assert.equal(
    output,
    'Cannot run "hello.ts" on Node 18.0.0: the dependencies are not installed, run "npm ci" first\n',
  );
});

test("run.mjs refuses an old Node in one line where none is bundled", (t) => {
  const { folder, run } = emptyCheckout(t);
  pretendInstalled(folder);
  const [status, output] = run(OLD, "hello.ts");
  assert.equal(status, 1);
  assert.match(output, /^Cannot run "hello.ts" on Node 18.0.0: Node 24 or newer is needed and npm has none .*\n$/);
});

test("run.mjs starts itself again on the bundled Node, and passes on words and exit code", (t) => {
  const { folder, run } = emptyCheckout(t);
  pretendInstalled(folder);
  const bin = join(folder, "node_modules", `node-${process.platform}-${process.arch}`, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "node"), `#!/bin/sh\necho bundled\n"${process.execPath}" "$@"\nexit 7\n`);
  chmodSync(join(bin, "node"), 0o755);
  assert.deepEqual(run(OLD, "hello.ts", "a", "b"), [7, "bundled\nhello a,b\n"]);
});

test("run.mjs loads the script at once on a Node that suits", (t) => {
  const { folder, run } = emptyCheckout(t);
  pretendInstalled(folder);
  assert.deepEqual(run("", "hello.ts", "a"), [0, "hello a\n"]);
});
