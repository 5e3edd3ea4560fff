import type { LinearizabilityFailure } from "./linearizability.ts";
import { searchLinearization } from "./linearization-search.ts";
import type { Operation } from "./operation.ts";
import { plainKey } from "./plain-key.ts";
import type { SequentialModel } from "./sequential-model.ts";
import { createBudget } from "./step-budget.ts";

/** Steps of the model to see whether a beginning of the history fails: about what it took to see that all of it does. */
const BEGINNING_STEPS_MAX = 2_000_000;
/** Steps to see whether a few known outcomes fail. */
const FEW_STEPS_MAX = 200_000;
/** Steps of all tries together; then what was found so far must do. */
const ALL_STEPS_MAX = 8_000_000;

/** Which operations of a failing part suffice to see that it fails. */
export interface SmallestFailure<I, O> {
  /** Each of these is needed: were its outcome unknown, there would be an order. By their calls. */
  readonly operations: readonly Operation<I, O>[];
  /** The longest order of them, together with others of which nothing but the input is taken for known. */
  readonly order: readonly Operation<I, O>[];
  readonly state: unknown;
  readonly blocked: Operation<I, O>;
  /** Operations left out: whatever came of them, the others have no order. */
  readonly leftOut: number;
}

/**
 * Seeks the smallest part of a failure: first the shortest beginning of the history that fails, then the operations in it whose
 * outcomes are needed. An operation whose outcome is forgotten may have happened or not, so what fails without it fails all the more with it.
 */
export function smallestFailure<I, O, S>(
  model: SequentialModel<I, O, S>,
  failure: LinearizabilityFailure<I, O>,
): SmallestFailure<I, O> {
  let left = ALL_STEPS_MAX;
  const failsWithin =
    (stepsMax: number): Test<I, O> =>
    (operations) => {
      if (left < 1) return false;
      const budget = createBudget({ stepsMax: Math.min(left, stepsMax) });
      const { verdict } = searchLinearization(model, operations, budget);
      left -= budget.steps;
      return verdict === "no";
    };
  const beginning = shortestBeginning(failure.operations, failsWithin(BEGINNING_STEPS_MAX));
  const fails = failsWithin(FEW_STEPS_MAX);
  const known = leastKnown(nearestKnown(beginning, fails), fails);
  const { order, state, blocked } = searchLinearization(model, known, createBudget({}));
  const operations = known.filter(isKnown);
  const leftOut = failure.operations.length - operations.length;
  if (blocked === undefined) return { ...failure, leftOut: 0 };
  return { operations, order, state, blocked, leftOut };
}

type Test<I, O> = (operations: readonly Operation<I, O>[]) => boolean;

/** Halves the returns until the first one is found at which the history so far fails. */
function shortestBeginning<I, O>(
  operations: readonly Operation<I, O>[],
  fails: Test<I, O>,
): readonly Operation<I, O>[] {
  const ends = operations
    .flatMap(({ outcome, returnAt }) => (outcome === "ok" ? [returnAt] : []))
    .sort((a, b) => a - b);
  let [low, high] = [0, ends.length - 1];
  let shortest = operations;
  while (low < high) {
    const middle = (low + high) >> 1;
    const beginning = until(operations, ends[middle] ?? 0);
    if (fails(beginning)) {
      shortest = beginning;
      high = middle;
    } else low = middle + 1;
  }
  return shortest;
}

/** The history as it was known at a time. */
function until<I, O>(operations: readonly Operation<I, O>[], time: number): Operation<I, O>[] {
  return operations
    .filter((operation) => operation.callAt <= time)
    .map((operation) => (operation.returnAt <= time ? operation : forgotten(operation)));
}

/**
 * Knows the outcomes of a few operations, then of twice as many, until they fail: first those that speak of what the last one returned,
 * then the latest. With few outcomes a search is short, however many operations there are.
 */
function nearestKnown<I, O>(operations: readonly Operation<I, O>[], fails: Test<I, O>): readonly Operation<I, O>[] {
  const latest = operations.filter(isKnown).sort((a, b) => b.returnAt - a.returnAt);
  const value = plainKey(latest[0]?.output) ?? "";
  const speaksOfIt = ({ input, output }: Operation<I, O>) =>
    value.length > 2 && `${plainKey(input)} ${plainKey(output)}`.includes(value);
  const near = [...latest.filter(speaksOfIt), ...latest.filter((operation) => !speaksOfIt(operation))];
  for (let count = 2; count < near.length; count *= 2) {
    const known = new Set(near.slice(0, count));
    const tried = operations.map((operation) => (known.has(operation) ? operation : forgotten(operation)));
    if (fails(tried)) return tried;
  }
  return operations;
}

/** Forgets outcomes, many at once and then few, as long as the rest fails. */
function leastKnown<I, O>(operations: readonly Operation<I, O>[], fails: Test<I, O>): readonly Operation<I, O>[] {
  let current = operations;
  for (let size = current.filter(isKnown).length >> 1; size >= 1; size >>= 1) {
    for (let start = 0; ; ) {
      const chosen = new Set(current.filter(isKnown).slice(start, start + size));
      if (chosen.size === 0) break;
      const next = current.map((operation) => (chosen.has(operation) ? forgotten(operation) : operation));
      if (fails(next)) current = next;
      else start += size;
    }
  }
  return current;
}

function isKnown(operation: Operation<unknown, unknown>): boolean {
  return operation.outcome === "ok";
}

function forgotten<I, O>({ process, input, callAt }: Operation<I, O>): Operation<I, O> {
  return { process, input, callAt, returnAt: Number.POSITIVE_INFINITY, outcome: "unknown" };
}
