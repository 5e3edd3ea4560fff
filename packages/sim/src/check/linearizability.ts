import { assertHistory } from "./assert-history.ts";
import { searchLinearization } from "./linearization-search.ts";
import type { Operation } from "./operation.ts";
import type { SequentialModel } from "./sequential-model.ts";
import { createBudget, type LinearizabilityOptions, type StepBudget } from "./step-budget.ts";

/** An order of one part of a history, such as of one key. */
export interface Linearization<I, O> {
  readonly partition: string;
  readonly order: readonly Operation<I, O>[];
}

/** Why a part of a history has no order. */
export interface LinearizabilityFailure<I, O> {
  readonly partition: string;
  /** All operations of the part that may have had an effect, by their calls. */
  readonly operations: readonly Operation<I, O>[];
  /** The longest order of some of them. */
  readonly order: readonly Operation<I, O>[];
  /** State after that order. */
  readonly state: unknown;
  /** The operation that must come next, and cannot. */
  readonly blocked: Operation<I, O>;
}

/**
 * Verdict on a history. `yes` comes with an order of each part, `no` with the first part that has none, `unknown` with what ran out
 * and the parts that are not decided. `steps` counts the steps of the model.
 */
export type LinearizabilityResult<I, O> =
  | { readonly verdict: "yes"; readonly steps: number; readonly linearizations: readonly Linearization<I, O>[] }
  | { readonly verdict: "no"; readonly steps: number; readonly failure: LinearizabilityFailure<I, O> }
  | {
      readonly verdict: "unknown";
      readonly steps: number;
      readonly exhausted: "steps" | "time";
      readonly undecided: readonly string[];
    };

/**
 * Tells whether a history is linearizable: whether each operation can have happened at one instant between its call and its return, so
 * that the model allows them one after the other. What failed is left out, what is unknown may have happened after its call or not at
 * all. Operations that touch at one instant may come in any order, save those of one process.
 * @throws OrreryError `invalid_argument` for a history that cannot have happened, or options that say nothing
 * @example
 * const result = checkLinearizability(registerModel<number>(), history.operations());
 * if (result.verdict !== "yes") throw new Error(explainLinearizability(registerModel<number>(), result));
 */
export function checkLinearizability<I, O, S>(
  model: SequentialModel<I, O, S>,
  operations: readonly Operation<I, O>[],
  options: LinearizabilityOptions = {},
): LinearizabilityResult<I, O> {
  assertHistory(operations);
  return searchParts(model, partitionsOf(model, operations), createBudget(options));
}

/** Small parts come first: they are often quick to refuse, and one that eats the whole budget hides no other. */
function searchParts<I, O, S>(
  model: SequentialModel<I, O, S>,
  parts: ReadonlyMap<string, readonly Operation<I, O>[]>,
  budget: StepBudget,
): LinearizabilityResult<I, O> {
  const linearizations: Linearization<I, O>[] = [];
  const bySize = [...parts].sort(([, a], [, b]) => a.length - b.length);
  for (const [index, [partition, operations]] of bySize.entries()) {
    const { verdict, order, state, blocked } = searchLinearization(model, operations, budget);
    const { steps } = budget;
    if (verdict === "no" && blocked !== undefined)
      return { verdict, steps, failure: { partition, operations, order, state, blocked } };
    if (verdict === "unknown")
      return {
        verdict,
        steps,
        exhausted: budget.exhausted ?? "steps",
        undecided: bySize.slice(index).map(([name]) => name),
      };
    linearizations.push({ partition, order });
  }
  return { verdict: "yes", steps: budget.steps, linearizations };
}

function partitionsOf<I, O, S>(
  model: SequentialModel<I, O, S>,
  operations: readonly Operation<I, O>[],
): Map<string, Operation<I, O>[]> {
  const parts = new Map<string, Operation<I, O>[]>();
  for (const operation of operations) {
    if (operation.outcome === "fail") continue;
    const name = model.partition?.(operation.input) ?? "";
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [operation]);
    else part.push(operation);
  }
  return parts;
}
