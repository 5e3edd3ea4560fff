import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** Reads a password from what a flag names, else from who types, who is asked; twice where a new one is to be without a slip. */
export async function readPassword(
  terminal: Terminal,
  wish: { readonly input: CommandInput; readonly flag: string; readonly prompt: string; readonly isNew?: boolean },
): Promise<string> {
  const { input, flag, prompt, isNew = false } = wish;
  const file = input.text(flag);
  if (file !== undefined) return firstLine(file === "-" ? await terminal.readInput() : readFile(file, terminal), flag);
  const said = await terminal.readSecret(`${prompt}: `);
  if (said === undefined)
    throw usageError(
      `Cannot ask for a password: nobody types here, name its file by --${flag}, or - for standard input`,
    );
  if (isNew && (await terminal.readSecret("The same again: ")) !== said)
    throw usageError("Cannot take that password: the second one differs from the first, try again");
  return said;
}

function readFile(file: string, terminal: Terminal): Uint8Array {
  try {
    return readFileSync(resolve(terminal.cwd, file));
  } catch (cause) {
    const text = `Cannot read the password in "${file}": ${(cause as Error).message}`;
    throw new CommandError(text, { exit: EXIT.notFound, cause });
  }
}

function firstLine(bytes: Uint8Array, flag: string): string {
  const [line = ""] = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (line !== "") return line;
  throw usageError(`Cannot read a password by --${flag}: the first line is empty`);
}
