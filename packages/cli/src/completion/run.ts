import { proposeCompletions } from "@stricli/core";
import { createApplication } from "../application.ts";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { GROUPS } from "../groups.ts";
import type { Terminal } from "../terminal.ts";
import { SHELL_SCRIPTS, type Shell } from "./shell-scripts.ts";

/** Prints what a shell is to be told, or, when it asks, what may follow on the line. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const { COMP_LINE: line, COMP_POINT: point } = terminal.env;
  if (line === undefined) {
    const [shell = "bash"] = input.words;
    if (!isShell(shell))
      throw usageError(
        `Cannot complete in "${shell}": there is no script for it, write ${Object.keys(SHELL_SCRIPTS).join(", ")}`,
      );
    await terminal.write(SHELL_SCRIPTS[shell]);
    return EXIT.done;
  }
  const words = line
    .slice(0, point === undefined ? undefined : Number(point))
    .split(/\s+/)
    .slice(1);
  const process = { stdout: { write: () => undefined }, stderr: { write: () => undefined } };
  const found = await proposeCompletions(createApplication(input.all, GROUPS).stricli, words, { process });
  const last = words.at(-1) ?? "";
  const names = [...new Set(found.map(({ completion }) => completion))].filter((name) => name.startsWith(last));
  await terminal.write(names.map((name) => `${name}\n`).join(""));
  return EXIT.done;
}

function isShell(name: string): name is Shell {
  return Object.hasOwn(SHELL_SCRIPTS, name);
}
