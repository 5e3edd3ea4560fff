import { main } from "./main.ts";
import { createSystemTerminal } from "./system-terminal.ts";

/** Runs the command with the words of this process, and ends the process with its exit code. */
export async function start(): Promise<void> {
  const exit = await main(process.argv.slice(2), createSystemTerminal());
  // What a component left running, a timer for instance, must not keep a command that is done.
  process.exit(exit);
}
