import { test } from "node:test";
import { assertHolds, assertRepeats } from "@orrery/sim";
import { leaseWorld } from "../testing/keeper/lease-scenario.ts";

const SEEDS = Number(process.env["ORRERY_SEEDS"] ?? 50);
const SEED = Number(process.env["ORRERY_SEED"] ?? 1);
/** Runs that making a failure small may take. */
const SHRINK_RUNS = Number(process.env["ORRERY_SHRINK"] ?? 300);

test(`a lease pays what it promises to whoever keeps to the rules, from seeds ${SEED} to ${SEED + SEEDS - 1}`, () =>
  assertHolds(leaseWorld, { runs: SEEDS, seed: SEED, strategies: ["seeds"], shrinkRuns: SHRINK_RUNS }));

test("a world of a lease goes the same way from the same seed", async () => {
  await assertRepeats(leaseWorld, { seed: SEED });
});
