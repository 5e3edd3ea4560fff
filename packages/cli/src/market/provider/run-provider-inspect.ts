import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { operatorOf } from "./operator.ts";
import { overviewJson, podsText } from "./overview-text.ts";

/** Shows the pods of a provider. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const operator = await operatorOf(input, terminal);
  const overview = await operator("status");
  if (input.text("output") === "json") await terminal.write(overviewJson(overview));
  else if (overview.pods.length === 0) terminal.say("There are no pods");
  else await terminal.write(podsText(overview));
  return EXIT.done;
}
