import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { CommandError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** Writes a file that is not there yet. @throws CommandError where it is, and leaves it as it is */
export function writeNewFile(file: string, text: string, terminal: Terminal): void {
  try {
    writeFileSync(resolve(terminal.cwd, file), text, { flag: "wx" });
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === "EEXIST";
    const why = isThere ? "it is there already, name another file" : (cause as Error).message;
    throw new CommandError(`Cannot write "${file}": ${why}`, { cause });
  }
}
