import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { measureOwnBase } from "./own-base.ts";

/** Prints what this installation measures, as a policy names it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const base = await measureOwnBase();
  const digests = Object.fromEntries(base.map(({ name, digest }) => [name, [`sha256:${digest}`]]));
  const lines = base.map(({ name, digest }) => `  ${name}: ["sha256:${digest}"]\n`);
  await terminal.write(
    input.text("output") === "json" ? `${JSON.stringify({ base: digests })}\n` : `base:\n${lines.join("")}`,
  );
  return EXIT.done;
}
