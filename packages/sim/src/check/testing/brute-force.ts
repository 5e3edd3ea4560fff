import type { Operation } from "../operation.ts";
import type { SequentialModel } from "../sequential-model.ts";

/**
 * Tells whether a small history is linearizable by trying every order of every choice of the operations of unknown outcome. It shares
 * nothing with the search that it is compared with but the model's step, and knows no parts, no memory and no short cuts.
 */
export function bruteForce<I, O, S>(model: SequentialModel<I, O, S>, operations: readonly Operation<I, O>[]): boolean {
  const certain = operations.filter((operation) => operation.outcome === "ok");
  const uncertain = operations.filter((operation) => operation.outcome === "unknown");
  for (let choice = 0; choice < 2 ** uncertain.length; choice++) {
    const chosen = uncertain.filter((_, index) => (choice & (1 << index)) !== 0);
    if (someOrder([], [...certain, ...chosen], (order) => isInTime(operations, order) && isAllowed(model, order)))
      return true;
  }
  return false;
}

function someOrder<T>(begun: readonly T[], rest: readonly T[], test: (order: readonly T[]) => boolean): boolean {
  if (rest.length === 0) return test(begun);
  return rest.some((item, index) => someOrder([...begun, item], rest.toSpliced(index, 1), test));
}

/** Those of one process come in the order of the history. */
function isInTime<T extends Operation<unknown, unknown>>(history: readonly T[], order: readonly T[]): boolean {
  return order.every((earlier, index) =>
    order.slice(index + 1).every((later) => {
      if (later.process === earlier.process) return history.indexOf(later) > history.indexOf(earlier);
      return later.outcome === "unknown" || later.returnAt >= earlier.callAt;
    }),
  );
}

/** The model has keys here, so each key has a state. */
function isAllowed<I, O, S>(model: SequentialModel<I, O, S>, order: readonly Operation<I, O>[]): boolean {
  const states = new Map<string, S>();
  for (const { input, output, outcome } of order) {
    const key = model.partition?.(input) ?? "";
    const state = states.has(key) ? (states.get(key) as S) : model.initial;
    const next = model.step(state, input, outcome === "ok" ? output : undefined);
    if (next === undefined) return false;
    states.set(key, next);
  }
  return true;
}
