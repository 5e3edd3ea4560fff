import { CommandError } from "./command-error.ts";
import { exitCodeOf, isOrreryError } from "./exit-code.ts";

/** How errors are printed. */
export interface PrintErrorOptions {
  /** One line of JSON, or at most three lines for people: what failed, why, what to try. */
  readonly form: "text" | "json";
  /** Whether to print where in the code the error came from. */
  readonly debug: boolean;
}

/** Writes an error, without a line's end. */
export function printError(error: unknown, { form, debug }: PrintErrorOptions): string {
  if (form === "json") return JSON.stringify({ error: factsOf(error, debug) });
  const message = error instanceof Error ? error.message : String(error);
  const [what, why] = splitMessage(message);
  const tip = error instanceof CommandError ? error.tip : "";
  const lines = [what, ...(why === "" ? [] : [`  ${why}`]), ...(tip === "" ? [] : [`Try: ${tip}`])];
  if (debug && error instanceof Error) lines.push("", stackOf(error));
  return lines.join("\n");
}

function factsOf(error: unknown, debug: boolean): object {
  const message = error instanceof Error ? error.message : String(error);
  const told = error instanceof CommandError ? error.cause : error; // What another process found wrong says more than its exit code.
  const facts = isOrreryError(told)
    ? {
        code: told.code,
        kind: told.kind,
        reason: told.reason ?? "",
        definite: told.definite,
        details: told.details,
      }
    : { code: error instanceof CommandError && error.exit === 2 ? "invalid_argument" : "unknown" };
  const tip = error instanceof CommandError && error.tip !== "" ? { try: error.tip } : {};
  const stack = debug && error instanceof Error ? { stack: stackOf(error) } : {};
  return { message, exit: exitCodeOf(error), ...facts, ...tip, ...stack };
}

/** Splits `Cannot X "value": why` where the why begins; a colon between quotes belongs to the value. */
function splitMessage(message: string): readonly [string, string] {
  if (message.includes("\n")) return [message, ""]; // A list of what is wrong, with its own places.
  let isQuoted = false;
  for (let at = 0; at < message.length; at++) {
    if (message[at] === '"') isQuoted = !isQuoted;
    if (!isQuoted && message[at] === ":" && message[at + 1] === " ")
      return [message.slice(0, at), message.slice(at + 2)];
  }
  return [message, ""];
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
