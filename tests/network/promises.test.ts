import { test } from "node:test";
import { assertHolds } from "@orrery/sim";
import { promises } from "../testing/network/promises-scenario.ts";

const RUNS = process.env["ORRERY_LONG"] === "1" ? 100_000 : 4_000;

test(`a network of components keeps its promises under faults, in ${RUNS} runs`, async () => {
  await assertHolds(promises, { runs: RUNS });
});
