import { askProvider } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { overviewJson, statusText } from "./overview-text.ts";
import { readProviderFile } from "./provider-file.ts";

/** Shows how a provider stands. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const { data } = await readProviderFile(input, terminal);
  const overview = await askProvider(data, "status");
  await terminal.write(input.text("output") === "json" ? overviewJson(overview) : statusText(overview));
  return EXIT.done;
}
