import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { ownVersion } from "../package-file.ts";
import type { Terminal } from "../terminal.ts";

/** Prints the versions. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const version = ownVersion();
  const node = process.versions.node;
  const isJson = input.text("output") === "json";
  await terminal.write(isJson ? `${JSON.stringify({ orrery: version, node })}\n` : `orrery ${version}, Node ${node}\n`);
  return EXIT.done;
}
