import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type } from "../testing/memory-terminal.ts";
import { orrery, startRun } from "../testing/orrery.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/guide/clock.md"), "utf8");

/** Commands of each block, without the name of the program. */
const blocks = [...PAGE.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = ""]) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.split(" ").slice(1)),
);
const [divided = [], held = [], session = []] = blocks;
const folder = mkdtempSync(join(tmpdir(), "orrery-clock-guide-"));

before(() => {
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const [, text = "", name = ""] = /^```ts\n(\/\/ file: (\S+)\n.*?)^```$/ms.exec(PAGE) ?? [];
  writeFileSync(join(folder, name), text);
});

after(() => rmSync(folder, { recursive: true }));

test("the guide's scenario has one hash in 1, 2 and 4 processes", async () => {
  const [words = []] = divided;
  const hashes: string[] = [];
  for (const processes of [1, 2, 4]) {
    const typed = words.map((word) => word.replace("--processes=2", `--processes=${processes}`));
    const { exit, out, err } = await orrery(typed, { cwd: folder });
    assert.equal(exit, 0, err);
    hashes.push(/^Hash (\w{16})$/m.exec(out)?.[1] ?? out);
  }
  assert.equal(new Set(hashes).size, 1, hashes.join());
});

test("the guide's session does what it says", async () => {
  const app = startRun(held[0]?.slice(1) ?? [], { cwd: folder });
  await app.next("ready");
  assert.equal(session.length, 12);
  for (const words of session) {
    const { exit, out, err } = await type(words, { cwd: folder });
    assert.deepEqual([exit, err], [0, ""], words.join(" "));
    if (words.includes("stock.take"))
      assert.match(out, /^Stopped behind [\d.]+ ms delivery at stock from shop: request 1 stock\.take$/m);
    if (words.includes("stop")) assert.match(out, /^Hash \w{16}$/m);
  }
  assert.equal((await app.ended).exit, 0);
});
