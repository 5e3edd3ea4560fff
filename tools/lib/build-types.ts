import { type CommandResult, runCommand } from "./command.ts";

let built: Promise<CommandResult> | undefined;

/** Builds the types in `dist` of every package, once for all steps that need them. */
export function buildTypes(): Promise<CommandResult> {
  built ??= runCommand(["tsc", "-b", "tsconfig.build.json", "--pretty", "false"]);
  return built;
}
