import { OrreryError } from "@orrery/core";

/** Makes the error of a machine that gives no such names, as those do that are no Linux. */
export function noNames(folder: string, cause: Error): OrreryError {
  return new OrreryError(
    "unimplemented",
    `Cannot take "${folder}" for one process: this machine does not give the name for that (${cause.message.replaceAll("\0", "@")}), use Linux`,
    { cause },
  );
}
