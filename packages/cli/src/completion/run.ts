import { proposeCompletions } from "@stricli/core";
import { createApplication } from "../application.ts";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { GROUPS } from "../groups.ts";
import type { Terminal } from "../terminal.ts";

/** Prints what bash is to be told, or, when bash asks, what may follow on the line. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const { COMP_LINE: line, COMP_POINT: point } = terminal.env;
  if (line === undefined) {
    await terminal.write("complete -o default -C 'orrery completion --' orrery\n");
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
