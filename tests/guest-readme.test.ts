import { strict as assert } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { blocksOf, startReadmePlatform } from "./testing/readme-platform.ts";

const ROOT = join(import.meta.dirname, "..");
const GUEST = join(ROOT, "packages/guest");

/** Does what the README's `npm install` would do, without asking anybody: the guest from its tarball, the others as they are here. */
function install(folder: string): void {
  const npm = (...args: string[]) => execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  const [{ filename }] = JSON.parse(npm("pack", GUEST, "--json")) as [{ filename: string }];
  npm("install", "--offline", "--no-audit", "--no-fund", `./${filename}`);
  const bin = join(folder, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  for (const name of ["esbuild", "orrery"]) symlinkSync(join(ROOT, "node_modules/.bin", name), join(bin, name));
}

test("packages/guest/README.md takes a newcomer from nothing to a mechtron that runs, in five commands", async () => {
  const [commands = "", ask = ""] = blocksOf(readFileSync(join(GUEST, "README.md"), "utf8"), "sh");
  const [said] = blocksOf(readFileSync(join(GUEST, "README.md"), "utf8"), "text");
  const lines = commands.trim().split("\n");
  assert.equal(lines.length, 5);
  const [first, copy = "", build = "", up, script = ""] = lines.map((line) => line.replace(/^npx /, ""));
  assert.deepEqual([first, up], ["npm install @orrery/cli @orrery/guest esbuild", "orrery up &"]);
  const cwd = mkdtempSync(join(tmpdir(), "orrery-newcomer-"));
  chmodSync(cwd, 0o755);
  try {
    install(cwd);
    const path = `export PATH="${join(cwd, "node_modules/.bin")}:$PATH"`;
    const platform = await startReadmePlatform({ cwd, start: `${path}\norrery up`, host: "hello.test" });
    try {
      await platform.run([copy, build, script].join("\n"));
      assert.equal(await platform.run(ask), said);
    } finally {
      await platform.close();
    }
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});
