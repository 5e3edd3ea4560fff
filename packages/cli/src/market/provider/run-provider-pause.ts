import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { operatorOf } from "./operator.ts";
import { overviewJson } from "./overview-text.ts";

/** Has a provider take no new pods. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const operator = await operatorOf(input, terminal);
  const overview = await operator("pause");
  if (input.text("output") === "json") await terminal.write(overviewJson(overview));
  terminal.say("Takes no new pods; what runs goes on. Next: orrery provider resume");
  return EXIT.done;
}
