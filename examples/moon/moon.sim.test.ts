import { test } from "node:test";
import { assertHolds } from "@orrery/sim";
import scenario from "./moon.sim.ts";

const RUNS = Number(process.env["ORRERY_SIM_RUNS"] ?? 100);

test("the moon is told as it is under loss, crashes and partitions, as the app's orrery.yaml has it", () =>
  assertHolds(scenario, { runs: RUNS }));
