import { askProvider } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { overviewJson } from "./overview-text.ts";
import { readProviderFile } from "./provider-file.ts";

/** Has a provider take new pods again. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const { data } = await readProviderFile(input, terminal);
  const overview = await askProvider(data, "resume");
  if (input.text("output") === "json") await terminal.write(overviewJson(overview));
  terminal.say("Takes new pods");
  return EXIT.done;
}
