import { readFileSync, statSync } from "node:fs";
import { OrreryError } from "@orrery/core";

/**
 * Reads a file that nobody but its user may read.
 * @throws OrreryError `failed_precondition` where others may; what node:fs throws where it cannot be read
 */
export function readPrivateFile(path: string, failing: string): string {
  if ((statSync(path).mode & 0o077) !== 0)
    throw new OrreryError("failed_precondition", `${failing}: others may read it, run chmod 600 on it`);
  return readFileSync(path, "utf8");
}
