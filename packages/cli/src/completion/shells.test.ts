import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type } from "../testing/memory-terminal.ts";

const scratch = mkdtempSync(join(tmpdir(), "orrery-shells-"));
after(() => rmSync(scratch, { recursive: true }));
const BIN = fileURLToPath(new URL("../../bin/orrery.js", import.meta.url));
writeFileSync(join(scratch, "orrery"), `#!/bin/sh\nexec "${process.execPath}" --conditions=source "${BIN}" "$@"\n`, {
  mode: 0o755,
});
const env = { PATH: `${scratch}:${process.env["PATH"]}`, HOME: scratch };

async function script(shell: string): Promise<string> {
  const { out, exit } = await type(["completion", shell]);
  assert.equal(exit, 0);
  const file = join(scratch, `completion.${shell}`);
  writeFileSync(file, out);
  return file;
}

/** Runs lines in a shell that has read what `orrery completion` prints for it. */
const run = (words: readonly string[]) =>
  execFileSync(words[0] ?? "", words.slice(1), { env, encoding: "utf8" })
    .trim()
    .split("\n");
const missing = (shell: string) =>
  spawnSync(shell, ["--version"]).error === undefined ? false : `no ${shell} is here`;

describe("orrery completion, in a shell", () => {
  it("is taken by bash, which asks as the command expects", async () => {
    const file = await script("bash");
    const line = `. ${file}; complete -p orrery; COMP_LINE='orrery broker sub' COMP_POINT=17 orrery completion --`;
    assert.deepEqual(run(["bash", "-c", line]), ["complete -o default -C 'orrery completion --' orrery", "subscribe"]);
  });

  it("completes in zsh", { skip: missing("zsh") }, async () => {
    const file = await script("zsh");
    // Completion itself needs a screen: the two functions of it that the script calls are the shell's only part that is not real.
    const stubs = `compdef() { : }; compadd() { shift; print -l -- "$@" }`;
    const line = `${stubs}; . ${file}; words=(orrery log); CURRENT=2; _orrery`;
    assert.deepEqual(
      run(["zsh", "-f", "-c", line]).filter((name) => /^log(in|out)$/.test(name)),
      ["login", "logout"],
    );
  });

  it("completes in fish", { skip: missing("fish") }, async () => {
    const file = await script("fish");
    const complete = (line: string) => run(["fish", "--no-config", "-c", `. ${file}; complete -C "${line}"`]);
    assert.deepEqual(await complete("orrery broker sub"), ["subscribe"]);
    assert.ok((await complete("orrery login --oi")).includes("--oidc"));
  });

  it("names the shells that it knows, where it knows another not", async () => {
    const { exit, err } = await type(["completion", "tcsh"]);
    assert.deepEqual(
      [exit, err],
      [2, 'Cannot complete in "tcsh"\n  there is no script for it, write bash, zsh, fish\n'],
    );
  });
});
