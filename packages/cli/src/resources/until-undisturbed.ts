import { isOrreryError } from "@orrery/core";
import { CommandError } from "../command-error.ts";

/** How often something is read and written anew where somebody else wrote in between. */
const TRIES_MAX = 64;

/**
 * Does what reads something and then writes it only if it is so still, until nobody came between; 64 times at most, or as often as is said.
 * @throws CommandError what it throws for another reason, or at the last try
 */
export async function untilUndisturbed<T>(run: () => Promise<T>, triesMax = TRIES_MAX): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      if (tries === triesMax || !isDisturbed(error)) throw error;
    }
  }
}

/** Whether it is at another revision, or is there, or is gone, since it was read. A lock is no such thing: it tells who holds it. */
function isDisturbed(error: unknown): boolean {
  const cause = error instanceof CommandError ? error.cause : error;
  if (!isOrreryError(cause)) return false;
  if (cause.code === "aborted") return cause.details["holder"] === undefined && cause.details["revision"] !== undefined;
  return cause.code === "already_exists" || (cause.code === "not_found" && cause.details["parent"] === undefined);
}
