import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { explore } from "../src/explore/explore.ts";
import { BUDGET_RUNS, hunt } from "./measure.ts";
import { ZOO } from "./zoo.ts";

/** Runs that a program without its fault must stand; the long form is what the table of the docs says. */
const FIXED_RUNS = process.env["ORRERY_LONG"] === "1" ? 10_000 : 100;

for (const bug of ZOO) {
  test(`explore finds ${bug.name} within ${BUDGET_RUNS} runs, and makes it small`, async () => {
    const { runs, entries, events } = await hunt(bug, 1);
    assert.ok(runs !== undefined, "it was not found");
    assert.ok(entries < events, `${entries} entries tell a run of ${events} events`);
  });

  test(`explore finds nothing in ${bug.name} once it is fixed, in ${FIXED_RUNS} runs`, async () => {
    const { failure, runs } = await explore(bug.fixed, { runs: FIXED_RUNS, seed: 1_000_000 });
    assert.deepEqual([failure?.message, runs], [undefined, FIXED_RUNS]);
  });
}

test("the page of the zoo has a row for each bug", () => {
  const page = readFileSync(new URL("../../../docs/reference/zoo.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| \[([^\]]+)\]/gm)].map(([, name]) => name);
  assert.deepEqual(
    rows,
    ZOO.map(({ name }) => name),
  );
});
