import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { BUNDLE_SHAPE } from "./bundle-file.ts";
import { AUTHORS_MAX, DESCRIPTION_LENGTH_MAX, KEYWORD_LENGTH_MAX, KEYWORDS_MAX, TAG_MOVES_KEPT } from "./limits.ts";

const guide = readFileSync(new URL("../../../../docs/guide/bundles.md", import.meta.url), "utf8");

it("the guide's program prints what the guide says", () => {
  const [, program = "", printed = ""] = /^```ts\n(.*?)^```\n\n```text\n(.*?)^```$/ms.exec(guide) ?? [];
  const folder = mkdtempSync(fileURLToPath(new URL("../../guide-", import.meta.url)));
  try {
    writeFileSync(join(folder, "guide.ts"), program);
    const out = execFileSync(process.execPath, ["-C", "source", join(folder, "guide.ts")], { encoding: "utf8" });
    assert.equal(out, printed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("BUNDLE_SHAPE has the names and numbers that the guide tells of", () => {
  const names = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(names, Object.keys(BUNDLE_SHAPE.fields));
  for (const said of [
    `up to ${DESCRIPTION_LENGTH_MAX} characters`,
    `up to ${AUTHORS_MAX}.`,
    `up to ${KEYWORDS_MAX} of up to ${KEYWORD_LENGTH_MAX} characters`,
    `last ${TAG_MOVES_KEPT} moves`,
  ])
    assert.ok(guide.includes(said), said);
});
