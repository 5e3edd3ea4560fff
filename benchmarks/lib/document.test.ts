import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PAGE, replaceBetweenMarkers, SIM_PAGE } from "./document.ts";

for (const [file, command] of [
  [PAGE, "bench"],
  [SIM_PAGE, "bench:sim"],
] as const) {
  test(`replaceBetweenMarkers finds its place in the page of ${command}, and changes nothing around it`, () => {
    const page = readFileSync(file, "utf8");
    const once = replaceBetweenMarkers(page, "a table");
    assert.equal(replaceBetweenMarkers(once, "a table"), once);
    assert.ok(once.includes(`written by npm run ${command} -->\n\na table\n\n<!-- benchmarks: end`));
    assert.equal(once.slice(0, 200), page.slice(0, 200));
  });
}

test("replaceBetweenMarkers refuses a page without markers", () => {
  assert.throws(() => replaceBetweenMarkers("nothing", "a table"), /^Error: Cannot write the table: the page lacks/);
});
