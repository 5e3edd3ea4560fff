import assert from "node:assert/strict";
import { test } from "node:test";
import { addRelease } from "./release-notes.ts";

const HEAD = "# Changelog\n\nWords.\n";

test("addRelease puts each release above the one before", () => {
  const first = addRelease(HEAD, { version: "0.1.0", fragments: ["Added a.\nDo b.\n", "Added c.\n"] });
  assert.equal(first, `${HEAD}\n## 0.1.0\n\n- Added a.\n  Do b.\n- Added c.\n`);
  const second = addRelease(first, { version: "0.2.0", fragments: ["Mended d.\n"] });
  assert.equal(second, first.replace("## 0.1.0", "## 0.2.0\n\n- Mended d.\n\n## 0.1.0"));
});

const bad: readonly [version: string, fragments: string[], message: string][] = [
  ["next", ["Added a."], 'Cannot release "next": that is no version, use one like 0.2.0'],
  ["0.1.0", ["Added a."], 'Cannot release "0.1.0": the changelog has it already, choose the next'],
  ["0.2.0", [], 'Cannot release "0.2.0": changes/ is empty, there is nothing to tell'],
];

for (const [version, fragments, message] of bad) {
  test(`addRelease says ${message}`, () => {
    assert.throws(() => addRelease(`${HEAD}\n## 0.1.0\n`, { version, fragments }), { message });
  });
}
