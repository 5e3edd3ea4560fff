import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommand } from "../lib/command.ts";
import { ROOT } from "../lib/project.ts";

const ENVELOPE = "orrery/wire/v1/envelope.proto";

/** A copy of `proto/` with the envelope changed; gives the folder, for buf to read. */
function changedProtos(t: TestContext, change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), "orrery-proto-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["proto", "buf.yaml"]) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  const path = join(folder, "proto", ENVELOPE);
  const text = readFileSync(path, "utf8");
  assert.notEqual(change(text), text, "the change must bite");
  writeFileSync(path, change(text));
  return folder;
}

function breaking(folder: string): ReturnType<typeof runCommand> {
  return runCommand(["buf", "breaking", folder, "--against", "proto/baseline.binpb"]);
}

test("buf breaking refuses a field that vanishes", async (t) => {
  const { code, output } = await breaking(
    changedProtos(t, (text) => text.replace(/^ {2}[a-z0-9_]+ \w+ = \d+;\n/m, "")),
  );
  assert.notEqual(code, 0);
  assert.match(output, /envelope\.proto:.*deleted/);
});

test("buf breaking accepts a field that is added", async (t) => {
  const add = (text: string): string =>
    text.replace(/^message (\w+) \{$/m, "message $1 {\n  string added_by_a_test = 18000;");
  const { code, output } = await breaking(changedProtos(t, add));
  assert.equal(code, 0, output);
});

test("buf lint refuses a name in another style", async (t) => {
  const add = (text: string): string =>
    text.replace(/^message (\w+) \{$/m, "message $1 {\n  string addedByATest = 18000;");
  const { code, output } = await runCommand(["buf", "lint", changedProtos(t, add)]);
  assert.notEqual(code, 0);
  assert.match(output, /addedByATest/);
});
