import { test } from "node:test";
import { assertHolds } from "@orrery/sim";
import { promises } from "../testing/network/promises-scenario.ts";

const PARTS = 4;
const RUNS = process.env["ORRERY_LONG"] === "1" ? 25_000 : 1_000;

for (let part = 0; part < PARTS; part++) {
  const seed = 1 + part * RUNS;
  test(`a network of components keeps its promises under faults, from seeds ${seed} to ${seed + RUNS - 1}`, async () => {
    await assertHolds(promises, { runs: RUNS, seed });
  });
}
