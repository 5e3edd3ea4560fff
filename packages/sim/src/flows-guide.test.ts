import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PAGE = readFileSync(join(ROOT, "docs/guide/flows.md"), "utf8");

const blocks = [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));

/** Each command of the page with what stands below it as its output. */
const commands = blocks.flatMap(({ language, text }, index) =>
  language === "sh" ? [[text.trim(), blocks[index + 1]?.text ?? ""] as const] : [],
);

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "orrery-flows-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const { text } of blocks) {
    const [, name] = /^\/\/ file: (\S+)\n/.exec(text) ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), text);
  }
});

after(() => rmSync(folder, { recursive: true }));

for (const [command, output] of commands) {
  test(`beginFlow's guide shows what happens for ${command}`, () => {
    const [, file = ""] = /^node (\S+)$/.exec(command) ?? assert.fail(`no program in "${command}"`);
    const { stdout, stderr } = spawnSync(process.execPath, ["--conditions=source", file], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    assert.equal(stdout.replace(/ +$/gm, "").trim(), output.trim());
  });
}

test("beginFlow's guide has a command for each of its programs", () => {
  const files = blocks.filter(({ text }) => text.startsWith("// file: "));
  assert.equal(commands.length, files.length - 1); // All but the shop that they share.
});
