import type { Code } from "./codes.ts";
import { type FailureKind, REASONS, type Reason, type ReasonMeaning } from "./reasons.ts";

/** Plain JSON data. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What an error tells a program besides its code. */
export type ErrorDetails = { readonly [key: string]: JsonValue };

/** Options of a declared error. */
export interface OrreryErrorOptions {
  /** Plain JSON that travels with the error. Default: none. */
  readonly details?: ErrorDetails;
  /** What led to this error; stays in this process. */
  readonly cause?: unknown;
}

/** Everything that is known of an outcome that was no reply. */
export interface FailureFacts extends OrreryErrorOptions {
  readonly kind: FailureKind;
  readonly reason?: Reason;
  readonly definite: boolean;
  /** Node or instance that decided. */
  readonly where?: string;
}

/**
 * The one error of Orrery. A handler throws it to declare an error to its caller:
 * `throw new OrreryError("not_found", 'Cannot find place "Atlantis": no such name')`.
 * A call that does not end in a reply rejects with it, and `kind`, `reason` and `definite` then tell how it ended.
 */
export class OrreryError extends Error {
  override readonly name: string = "OrreryError";
  readonly code: Code;
  readonly kind: FailureKind;
  readonly reason: Reason | undefined;
  /** True when the message was certainly not executed, or its execution has certainly ended. Retries read only this. */
  readonly definite: boolean;
  readonly where: string;
  readonly details: ErrorDetails;

  constructor(code: Code, message: string, options: OrreryErrorOptions | FailureFacts = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const facts: Partial<FailureFacts> = options;
    this.code = code;
    this.kind = facts.kind ?? "error";
    this.reason = facts.reason;
    this.definite = facts.definite ?? true;
    this.where = facts.where ?? "";
    this.details = facts.details ?? {};
  }
}

/** Options of a failure that the platform itself decides. */
export interface FailureOptions extends OrreryErrorOptions {
  readonly where?: string;
}

/** Makes the error for a reason of the table, with the kind, code and definiteness that the table gives it. */
export function failure(reason: Reason, message: string, options: FailureOptions = {}): OrreryError {
  const meaning: ReasonMeaning = REASONS[reason];
  return new OrreryError(meaning.code, message, { ...options, kind: meaning.kind, definite: meaning.definite, reason });
}

/** Tells whether a value is an OrreryError, also one made by another copy of this package. */
export function isOrreryError(value: unknown): value is OrreryError {
  return (
    value instanceof OrreryError || (value instanceof Error && value.name === "OrreryError" && "definite" in value)
  );
}
