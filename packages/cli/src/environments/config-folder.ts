import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** The folder of what this user told the command: `$XDG_CONFIG_HOME/orrery`, else `~/.config/orrery`. */
export function configFolder({ env }: Pick<Terminal, "env">): string {
  const said = env["XDG_CONFIG_HOME"];
  const config = said === undefined || said === "" ? join(env["HOME"] ?? homedir(), ".config") : said;
  return join(config, "orrery");
}

/** Reads a file of JSON; undefined where there is none. @throws CommandError for one that cannot be read */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const why = cause instanceof SyntaxError ? "it is no JSON" : (cause as Error).message;
    throw new CommandError(`Cannot read "${file}": ${why}, mend or remove it`, { cause });
  }
}

/** Writes a file of JSON that nobody else may read, whole or not at all. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true }); // Else it would have the mode of what a process of the same number left.
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
  renameSync(draft, file);
}
