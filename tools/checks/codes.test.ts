import assert from "node:assert/strict";
import { test } from "node:test";
import { findUnlisted } from "./codes.ts";

test("findUnlisted names what the page does not show in backticks", () => {
  const page = { path: "docs/errors.md", text: "| `overloaded` | and draining |" };
  const found = findUnlisted(["overloaded", "draining", "closed"], page).map(({ what }) => what);
  assert.deepEqual(found, ["does not list `draining`, `closed`"]);
  assert.deepEqual(findUnlisted(["overloaded"], page), []);
});
