import { describeOperation, describeValue } from "./describe-operation.ts";
import { type SmallestFailure, smallestFailure } from "./failing-operations.ts";
import { historyTimeline } from "./history-timeline.ts";
import { EXPLAINED_OPERATIONS_MAX } from "./limits.ts";
import type { LinearizabilityFailure, LinearizabilityResult } from "./linearizability.ts";
import type { Operation } from "./operation.ts";
import type { OperationModel, SequentialModel } from "./sequential-model.ts";
import { timeText } from "./timeline-bar.ts";

/**
 * Says in words what a check found. After a `no` it seeks the smallest part of the history that shows it, draws that, and says how far
 * an order goes and where it ends; that takes several more searches, so it is no thing for a loop.
 */
export function explainLinearizability<I, O, S>(
  model: SequentialModel<I, O, S>,
  result: LinearizabilityResult<I, O>,
): string {
  switch (result.verdict) {
    case "yes":
      return `Linearizable as a ${model.name}: ${parts(result.linearizations.length)}, ${result.steps} steps\n`;
    case "unknown":
      return unknownText(model, result.steps, result.exhausted, result.undecided);
    case "no":
      return explainFailure(model, result.failure);
  }
}

function unknownText(
  model: OperationModel<never, never>,
  steps: number,
  exhausted: "steps" | "time",
  undecided: readonly string[],
): string {
  const names = undecided.filter((name) => name !== "").map((name) => `"${name}"`);
  const which = names.length === 0 ? "" : `, undecided: ${names.join(", ")}`;
  const more = exhausted === "steps" ? "stepsMax" : "withinMs";
  return `Not decided whether it is linearizable as a ${model.name}: no ${exhausted} left after ${steps} steps${which}; give more by ${more}, or check a shorter history\n`;
}

function parts(count: number): string {
  return count === 1 ? "one part" : `${count} parts`;
}

function explainFailure<I, O, S>(model: SequentialModel<I, O, S>, failure: LinearizabilityFailure<I, O>): string {
  const smallest = smallestFailure(model, failure);
  const where = failure.partition === "" ? "" : ` "${failure.partition}"`;
  const count = smallest.operations.length;
  const others = smallest.leftOut === 0 ? "" : `, whatever came of the other ${smallest.leftOut}`;
  const these = count === 1 ? "this operation has no place" : `these ${count} operations have no order`;
  return [
    `Not linearizable as a ${model.name}${where}: ${these}${others}`,
    "",
    historyTimeline(smallest.operations, describing(model, { marked: [smallest.blocked] })),
    ...orderText(model, smallest),
    "",
  ].join("\n");
}

function orderText<I, O, S>(model: SequentialModel<I, O, S>, smallest: SmallestFailure<I, O>): string[] {
  const { order, blocked } = smallest;
  const hidden = Math.max(0, order.length - EXPLAINED_OPERATIONS_MAX);
  const lines: string[] = [];
  let state = model.initial;
  for (const [index, operation] of order.entries()) {
    state = model.step(state, operation.input, operation.outcome === "ok" ? operation.output : undefined) ?? state;
    if (index >= hidden) lines.push(`  ${line(model, operation)}: ${describeValue(state)}`);
  }
  const before = hidden === 0 ? [] : [`  … ${hidden} before these`];
  const cannot = `${line(model, blocked)} must come by ${timeText(blocked.returnAt)}, and cannot`;
  if (order.length === 0) return [`Nothing can come first: ${cannot} in ${describeValue(model.initial)}`];
  return ["The longest order, with what each leaves:", ...before, ...lines, `Then ${cannot}`];
}

function line<I, O>(model: OperationModel<I, O>, operation: Operation<I, O>): string {
  return `${describeOperation(operation, model.describe)} (process ${operation.process})`;
}

/** The model's own words, if it has some. */
function describing<I, O, T extends object>(
  model: OperationModel<I, O>,
  options: T,
): T & Partial<OperationModel<I, O>> {
  return model.describe === undefined ? options : { ...options, describe: model.describe };
}
