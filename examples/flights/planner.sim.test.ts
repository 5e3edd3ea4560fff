import assert from "node:assert/strict";
import { test } from "node:test";
import { assertHolds, assertRepeats, assertSpreads, defineScenario, runScenario } from "@orrery/sim";
import scenario from "./planner.sim.ts";

const RUNS = Number(process.env["ORRERY_SIM_RUNS"] ?? 40);

test("planned trips are right under loss, partitions, crashes and delays", () => assertHolds(scenario, { runs: RUNS }));

test("trips are answered where nothing fails, the same way each time", async () => {
  const { failure, world } = await runScenario(scenario, { seed: 1 });
  assert.equal(failure, undefined);
  assert.ok(world.elapsedMs < 10_000);
  await assertRepeats(scenario, { seed: 2 });
  await assertSpreads(scenario, { seed: 2, members: 3 });
});

test("a planner that forgot a leg would be found", async () => {
  const forgetful = defineScenario("a rule that cannot hold", { ...scenario, check: () => "no trip is ever right" });
  await assert.rejects(assertHolds(forgetful, { runs: 3, shrinkRuns: 5 }), /no trip is ever right/);
});
