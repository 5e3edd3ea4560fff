import { readFileSync } from "node:fs";
import { CommandError, EXIT } from "../command-error.ts";

/** Reads the first line of a file that holds a secret. @throws CommandError that names the file alone */
export function readFirstLine(path: string): string {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/)[0] ?? "";
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? "it cannot be read";
    throw new CommandError(`Cannot read the password in "${path}": ${why}`, { exit: EXIT.notFound, cause });
  }
}
