import { isOrreryError, OrreryError } from "./orrery-error.ts";
import type { FailureKind } from "./reasons.ts";
import { messageOf } from "./thrown-text.ts";

/** How a call ended: exactly one of these. `definite` tells whether the caller knows for certain what was done. */
export type Outcome<T> =
  | { readonly kind: "reply"; readonly definite: true; readonly value: T }
  | { readonly kind: FailureKind; readonly definite: boolean; readonly error: OrreryError };

declare const outcome: unique symbol;

/** The promise of a call: resolves to the reply, or rejects with an `OrreryError`. `outcomeOf` turns it into the union. */
export interface Call<T> extends Promise<T> {
  /** Only for the type checker: every call can end in each of these ways. */
  readonly [outcome]?: Outcome<T>;
}

/**
 * Waits for a call and gives its outcome as a value, so that nothing is thrown.
 * @example
 * const outcome = await outcomeOf(weather.today({ place: "Oslo" }));
 * if (outcome.kind === "timeout") return lastKnown;
 */
export function outcomeOf<T>(call: Call<T>): Promise<Outcome<T>> {
  return call.then(replied<T>, failed);
}

function replied<T>(value: T): Outcome<T> {
  return { kind: "reply", definite: true, value };
}

function failed(thrown: unknown): Outcome<never> {
  const error = isOrreryError(thrown) ? thrown : localDefect(thrown);
  return { kind: error.kind, definite: error.definite, error };
}

function localDefect(thrown: unknown): OrreryError {
  const message = `Cannot finish the call: ${messageOf(thrown)}`;
  return new OrreryError("internal", message, { kind: "defect", definite: false, cause: thrown });
}
