import assert from "node:assert/strict";
import { test } from "node:test";
import { createDraws } from "../chance/draws.ts";
import { checkLinearizability } from "./linearizability.ts";
import type { Operation } from "./operation.ts";
import type { SequentialModel } from "./sequential-model.ts";
import { bruteForce } from "./testing/brute-force.ts";
import {
  counterWorkload,
  lockWorkload,
  mapWorkload,
  queueWorkload,
  registerWorkload,
  setWorkload,
  type Workload,
} from "./testing/executors.ts";
import { arbitraryHistory, mutated, type Shape, workingHistory } from "./testing/generated-histories.ts";

const SEEDS = process.env["ORRERY_LONG"] ? 5_000 : 400;

/** Asks both, and gives the verdict. */
function compare<I, O, S>(model: SequentialModel<I, O, S>, history: readonly Operation<I, O>[], seed: number): boolean {
  const { verdict } = checkLinearizability(model, history);
  const expected = bruteForce(model, history) ? "yes" : "no";
  assert.equal(verdict, expected, `seed ${seed}: ${JSON.stringify(history)}`);
  return verdict === "yes";
}

function agrees<I, O, S>(workload: Workload<I, O, S>, operations = 300): void {
  const { model } = workload;
  test(`checkLinearizability agrees with every order tried, on small histories of a ${model.name}`, () => {
    const verdicts = { yes: 0, no: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = createDraws(seed).stream(model.name, "small");
      const shape: Shape = { operations: 3 + (seed % 4), processes: 4, unknownEvery: 5, lengthMax: 7 };
      const working = workingHistory(workload, random, shape);
      assert.equal(compare(model, working, seed), true);
      for (const history of [mutated(workload, random, working), arbitraryHistory(workload, random, shape)])
        verdicts[compare(model, history, seed) ? "yes" : "no"]++;
    }
    assert.ok(verdicts.yes > SEEDS / 10 && verdicts.no > SEEDS / 10, JSON.stringify(verdicts));
  });

  test(`checkLinearizability finds an order of long histories of a working ${model.name}, and it is one`, () => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = createDraws(seed).stream(model.name, "long");
      const history = workingHistory(workload, random, { operations, processes: 4, unknownEvery: 60 });
      const result = checkLinearizability(model, history);
      assert.equal(result.verdict, "yes", `seed ${seed}`);
      if (result.verdict !== "yes") continue;
      for (const { order } of result.linearizations) assertOrder(model, order);
      const placed = result.linearizations.flatMap(({ order }) => order);
      assert.equal(new Set(placed).size, placed.length);
      assert.ok(history.every((operation) => operation.outcome !== "ok" || placed.includes(operation)));
    }
  });
}

/** In real time and allowed by the model, step by step. */
function assertOrder<I, O, S>(model: SequentialModel<I, O, S>, order: readonly Operation<I, O>[]): void {
  let state: S | undefined = model.initial;
  let latestCall = Number.NEGATIVE_INFINITY;
  for (const { input, output, outcome, callAt, returnAt } of order) {
    if (state === undefined) break;
    state = model.step(state, input, outcome === "ok" ? output : undefined);
    assert.ok(outcome === "unknown" || returnAt >= latestCall);
    latestCall = Math.max(latestCall, callAt);
  }
  assert.notEqual(state, undefined);
}

agrees(registerWorkload);
agrees(mapWorkload);
agrees(queueWorkload, 60); // Three values again and again leave more orders open than any other thing does.
agrees(lockWorkload);
agrees(setWorkload);
agrees(counterWorkload);
