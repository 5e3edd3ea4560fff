import { OrreryError } from "@orrery/core";

/** Says that a line of a session cannot be done, and what would work. */
export function unfit(line: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot do "${line}": ${why}`);
}

/** Writes what there is, for a text that says what would have worked. */
export function listOf(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");
}
