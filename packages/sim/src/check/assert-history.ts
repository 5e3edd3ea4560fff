import { OrreryError } from "@orrery/core";
import { describeValue } from "./describe-operation.ts";
import type { Operation } from "./operation.ts";

/**
 * Assures that a history could have happened: times are numbers and go forward, and no process does two things at once.
 * @throws OrreryError `invalid_argument` that names the operation
 */
export function assertHistory(operations: readonly Operation<unknown, unknown>[]): void {
  for (const operation of operations) assertTimes(operation);
  const last = new Map<number, Operation<unknown, unknown>>();
  for (const operation of operations.toSorted((a, b) => a.callAt - b.callAt || a.returnAt - b.returnAt)) {
    const before = last.get(operation.process);
    last.set(operation.process, operation);
    if (before === undefined || endOf(before) <= operation.callAt) continue;
    const what = before.outcome === "unknown" ? "never learns the outcome of" : "still waits for";
    const now = `when it ${what} ${describeValue(before.input)}`;
    throw refused(
      operation,
      `process ${operation.process} calls at ${operation.callAt}, ${now}: give it another number`,
    );
  }
}

function assertTimes(operation: Operation<unknown, unknown>): void {
  const { callAt, returnAt, outcome } = operation;
  if (!Number.isFinite(callAt)) throw refused(operation, `callAt is ${callAt}: give a finite number`);
  if (outcome === "unknown") return;
  if (!Number.isFinite(returnAt))
    throw refused(operation, `returnAt is ${returnAt}: give a finite number, or the outcome "unknown"`);
  if (returnAt < callAt) throw refused(operation, `it returns at ${returnAt}, before its call at ${callAt}`);
}

/** When the process is free again. */
function endOf(operation: Operation<unknown, unknown>): number {
  return operation.outcome === "unknown" ? Number.POSITIVE_INFINITY : operation.returnAt;
}

function refused(operation: Operation<unknown, unknown>, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot check operation "${describeValue(operation.input)}": ${why}`);
}
