import type { CommandInput } from "../command.ts";
import type { ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** Runs components where it is said: on a platform, beside its processes, or here. What the others need is not loaded. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  if (input.text("attach") !== undefined) return await (await import("../deploy/run-attach.ts")).run(input, terminal);
  if (input.text("space") !== undefined) return await (await import("../deploy/run-deploy.ts")).run(input, terminal);
  return await (await import("./run-here.ts")).run(input, terminal);
}
