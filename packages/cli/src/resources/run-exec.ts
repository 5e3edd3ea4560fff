import type { CommandInput } from "../command.ts";
import type { ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { runLines } from "./run-script.ts";

/** Runs one line of the language of scripts. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  return await runLines(input.words[0] ?? "", { input, terminal, file: "line" });
}
