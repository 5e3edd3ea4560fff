import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { operatorOf } from "./operator.ts";
import { overviewJson, statusText } from "./overview-text.ts";

/** Shows how a provider stands. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const operator = await operatorOf(input, terminal);
  const overview = await operator("status");
  await terminal.write(input.text("output") === "json" ? overviewJson(overview) : statusText(overview));
  return EXIT.done;
}
