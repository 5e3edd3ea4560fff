import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { CHILDREN_MAX, GROUPS_MAX } from "./limits.ts";
import { KEEP_DEFAULTS } from "./spec.ts";

it("KEEP_DEFAULTS is what the guide says", () => {
  const guide = readFileSync(new URL("../../../../docs/guide/supervise.md", import.meta.url), "utf8");
  const rows = [...guide.matchAll(/^\| `(\w+)` \| ([\d.]+) \|/gm)].map(([, rule, value]) => [rule, Number(value)]);
  assert.deepEqual(Object.fromEntries(rows), KEEP_DEFAULTS);
  assert.match(guide, new RegExp(`up to ${CHILDREN_MAX} children in ${GROUPS_MAX} groups`));
});
