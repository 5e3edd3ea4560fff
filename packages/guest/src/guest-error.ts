import type { ScriptReplyHead } from "./script.ts";

/** Options of an error. */
export interface GuestErrorOptions {
  /** Plain JSON that travels with the error. Default: none. */
  readonly details?: unknown;
  /** A reason of Orrery's own, on errors of calls. Default: none. */
  readonly reason?: string;
  /** Whether the message was certainly not executed, or its execution has certainly ended. Default: true. */
  readonly definite?: boolean;
}

/**
 * An error that its caller is told: throw it from a handler. A call that fails rejects with one, too; `reason` then says more than `code`
 * where Orrery decided, such as `call_cycle`.
 * @example
 * throw new GuestError("not_found", 'Cannot find place "Atlantis": no such name');
 */
export class GuestError extends Error {
  override readonly name = "GuestError";
  /** A code of Connect's list, such as `not_found`. */
  readonly code: string;
  readonly reason: string;
  readonly definite: boolean;
  readonly details: unknown;

  constructor(code: string, message: string, options: GuestErrorOptions = {}) {
    super(message);
    this.code = code;
    this.reason = options.reason ?? "";
    this.definite = options.definite ?? true;
    this.details = options.details;
  }
}

/** The error of a reply that is none. */
export function errorOfFailure(failure: NonNullable<ScriptReplyHead["failure"]>): GuestError {
  return new GuestError(failure.code, failure.message ?? "", {
    reason: failure.reason ?? "",
    definite: failure.definite ?? false,
    details: failure.details === undefined || failure.details === "" ? undefined : JSON.parse(failure.details),
  });
}

/** What a caller is told of something that was thrown. What is no `GuestError` stays in the log. */
export function failureOfThrown(thrown: unknown): NonNullable<ScriptReplyHead["failure"]> {
  if (!(thrown instanceof GuestError)) {
    return { code: "internal", message: "the mechtron failed, its log tells why", definite: true };
  }
  const details = thrown.details === undefined ? "" : JSON.stringify(thrown.details);
  return { code: thrown.code, message: thrown.message, reason: thrown.reason, details, definite: true };
}
