import { OrreryError } from "@orrery/core";
import type { OperationOutcome } from "./operation.ts";
import { plainKey } from "./plain-key.ts";

/** What a model says of its operations, whatever its states. */
export interface OperationModel<I, O> {
  /** What the model is called in explanations. */
  readonly name: string;
  /** Independent part that an operation belongs to, such as its key. Parts are checked alone, each from the initial state. */
  partition?(input: I): string;
  /** An operation as a short text. Default: its input and output as they stand. */
  describe?(input: I, output: O | undefined, outcome: OperationOutcome): string;
}

/** Operations that may happen before one. */
export interface OtherOperations<I, O> {
  /** Whether a test holds for one of them; the output of one whose outcome is unknown is undefined. */
  some(test: (input: I, output: O | undefined) => boolean): boolean;
}

/**
 * How a thing behaves when it is used by one at a time. States are values: a step gives a new one and changes none.
 * @example
 * const account: SequentialModel<{ add: number } | "balance", number, number> = {
 *   name: "account",
 *   initial: 0,
 *   step: (balance, input, output) => {
 *     if (input !== "balance") return balance + input.add;
 *     return output === undefined || output === balance ? balance : undefined;
 *   },
 * };
 */
export interface SequentialModel<I, O, S> extends OperationModel<I, O> {
  /** State before the first operation. */
  readonly initial: S;
  /**
   * State after an operation, or undefined if it cannot come back with that output in that state. An undefined output is unknown and
   * fits always: then the step gives what the operation would do.
   */
  step(state: S, input: I, output: O | undefined): S | undefined;
  /**
   * What an operation does to states: `none` if it changes none whatever, as a read; `overwrite` if it leaves the same state whatever it
   * finds, as a write; otherwise `change`, the default. It spares most of the search; without it verdicts are the same and take longer.
   */
  effect?(input: I, output: O | undefined): "none" | "overwrite" | "change";
  /**
   * True if an operation can certainly not come back with its output any more, when nothing but some of `others` happens before it. It
   * spares the search from going on where a read has been missed. Default: never; then verdicts are the same and take longer.
   */
  isMissed?(state: S, input: I, output: O, others: OtherOperations<I, O>): boolean;
  /** A text or number that is the same for equal states only. Default: the state itself as plain data. */
  fingerprint?(state: S): string | number;
}

/**
 * Fingerprint of a state.
 * @throws OrreryError `invalid_argument` if the state is no plain data and the model has no fingerprint of its own
 */
export function fingerprintOf<I, O, S>(model: SequentialModel<I, O, S>, state: S): string | number {
  if (model.fingerprint !== undefined) return model.fingerprint(state);
  if (typeof state === "number") return state;
  if (typeof state === "string") return `"${state}`; // Not escaped: no other key begins so, and states may be long.
  const key = plainKey(state);
  if (key !== undefined) return key;
  throw new OrreryError(
    "invalid_argument",
    `Cannot compare states of model "${model.name}": they are no plain data, give the model a fingerprint`,
  );
}
