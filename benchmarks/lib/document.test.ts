import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PAGE, replaceBetweenMarkers } from "./document.ts";

test("replaceBetweenMarkers finds its place in the page, and changes nothing around it", () => {
  const page = readFileSync(PAGE, "utf8");
  const once = replaceBetweenMarkers(page, "a table");
  assert.equal(replaceBetweenMarkers(once, "a table"), once);
  assert.ok(once.includes("\n\na table\n\n"));
  assert.equal(once.slice(0, 200), page.slice(0, 200));
});

test("replaceBetweenMarkers refuses a page without markers", () => {
  assert.throws(() => replaceBetweenMarkers("nothing", "a table"), /^Error: Cannot write the table: the page lacks/);
});
