import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("orrery generate gives the code that is committed", (t) => {
  const out = mkdtempSync(join(tmpdir(), "orrery-flights-gen-"));
  t.after(() => rmSync(out, { recursive: true }));
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const orrery = fileURLToPath(new URL("../bin/orrery.js", import.meta.resolve("@orrery/cli")));
  execFileSync(process.execPath, [orrery, "generate", folder, `--out=${out}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const read = (from: string) => new Map(filesOf(from).map((name) => [name, readFileSync(join(from, name), "utf8")]));
  assert.deepEqual(read(join(folder, "gen")), read(out));
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort();
}
