import { isOrreryError } from "@orrery/core";

/** For `catch`: undefined where nothing is there, the code `not_found`. @throws every other error, as it came */
export function nothingThere(error: unknown): undefined {
  if (isOrreryError(error) && error.code === "not_found") return undefined;
  throw error;
}
