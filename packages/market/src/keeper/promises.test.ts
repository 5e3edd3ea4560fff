import { test } from "node:test";
import { assertHolds } from "@orrery/sim";
import { leaseWorld } from "../testing/keeper/lease-scenario.ts";

const SEEDS = Number(process.env["ORRERY_SEEDS"] ?? 60);
const SEED = Number(process.env["ORRERY_SEED"] ?? 1);

test(`a lease pays what it promises to whoever keeps to the rules, from seeds ${SEED} to ${SEED + SEEDS - 1}`, () =>
  assertHolds(leaseWorld, {
    runs: SEEDS,
    seed: SEED,
    strategies: ["seeds"],
    shrinkRuns: Number(process.env["ORRERY_SHRINK"] ?? 300),
  }));
