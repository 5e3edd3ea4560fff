import { askProvider } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { overviewJson, podsText } from "./overview-text.ts";
import { readProviderFile } from "./provider-file.ts";

/** Shows the pods of a provider. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const { data } = await readProviderFile(input, terminal);
  const overview = await askProvider(data, "status");
  if (input.text("output") === "json") await terminal.write(overviewJson(overview));
  else if (overview.pods.length === 0) terminal.say("There are no pods");
  else await terminal.write(podsText(overview));
  return EXIT.done;
}
