import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { leftOf } from "./drain-text.ts";
import { operatorOf } from "./operator.ts";
import { overviewJson } from "./overview-text.ts";

/** Has a provider take new pods again. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const operator = await operatorOf(input, terminal);
  const overview = await operator("resume");
  if (input.text("output") === "json") await terminal.write(overviewJson(overview));
  terminal.say("Takes new pods");
  const noticed = leftOf(overview).filter(({ endsAt }) => endsAt > 0).length;
  if (noticed > 0)
    terminal.say(`Notice that was given stays: ${noticed === 1 ? "1 pod ends" : `${noticed} pods end`} by it`);
  return EXIT.done;
}
