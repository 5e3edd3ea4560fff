import type { Code, OrreryError } from "@orrery/core";
import { CommandError, EXIT, type ExitCode } from "./command-error.ts";

const OF_CODE: Partial<Record<Code, ExitCode>> = {
  permission_denied: EXIT.refused,
  unauthenticated: EXIT.refused,
  not_found: EXIT.notFound,
  unavailable: EXIT.notFound,
  unimplemented: EXIT.notFound,
  deadline_exceeded: EXIT.timeout,
};

/**
 * The exit code of what was thrown. A request that the receiver finds malformed is wrong usage; an error that a component declared
 * counts by its code, as those of the platform do.
 */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exit;
  if (!isOrreryError(error)) return EXIT.failed;
  if (error.reason === "malformed") return EXIT.usage;
  return OF_CODE[error.code] ?? EXIT.failed;
}

/** Tells core's error by its name: to load core for an error alone takes longer than most commands. */
export function isOrreryError(error: unknown): error is OrreryError {
  return error instanceof Error && error.name === "OrreryError" && "definite" in error;
}
