import assert from "node:assert/strict";
import { test } from "node:test";
import { findUnlisted } from "./codes.ts";

test("findUnlisted names what the page does not show in backticks", () => {
  const page = { path: "docs/errors.md", text: "| `overloaded` | and draining |" };
  const found = findUnlisted(["overloaded", "draining"], page).map(({ file, what }) => `${file} ${what}`);
  assert.deepEqual(found, ["docs/errors.md does not list `draining`"]);
});
