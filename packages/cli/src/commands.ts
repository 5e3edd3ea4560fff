import type { CommandData } from "./command.ts";
import { callCommand } from "./commands/call.ts";
import { completionCommand } from "./commands/completion.ts";
import { describeCommand } from "./commands/describe.ts";
import { generateCommand } from "./commands/generate.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { newCommand } from "./commands/new.ts";
import { runCommand } from "./commands/run.ts";
import { servicesCommand } from "./commands/services.ts";
import { versionCommand } from "./commands/version.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandData[] = [
  newCommand,
  generateCommand,
  runCommand,
  callCommand,
  servicesCommand,
  describeCommand,
  inspectCommand,
  versionCommand,
  completionCommand,
];

/** Finds a command by its name or one of its others. */
export function findCommand(name: string): CommandData | undefined {
  return COMMANDS.find((command) => command.name === name || command.aliases?.includes(name) === true);
}
