import assert from "node:assert/strict";
import { test } from "node:test";
import { measureTest, type TestCosts } from "./testing/measure-cost.ts";

/** How often it is measured: what else the machine does at the time makes a measure only larger. */
const ATTEMPTS = 5;

test("installCapture slows an ordinary test by less than half, outside of a world and inside", async () => {
  const all: TestCosts[] = [];
  const isGood = ({ without, ambient, owned }: TestCosts) => Math.max(ambient, owned) < without * 1.5;
  while (all.length < ATTEMPTS && !all.some(isGood)) all.push(await measureTest(12));
  assert.ok(all.some(isGood), JSON.stringify(all));
});
