import { resolve } from "node:path";
import { checkPod, importCompose } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, typed } from "../command-error.ts";
import { commandLine } from "../command-line.ts";
import type { Terminal } from "../terminal.ts";
import { writeNewFile } from "./new-file.ts";
import { POD_FILE, readText } from "./pod-file.ts";

/** Makes a pod file of a compose file. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [compose = "", file = POD_FILE] = input.words;
  const name = input.text("name");
  const source = readText(compose, resolve(terminal.cwd, compose));
  const { text, notes } = await typed(() =>
    importCompose(source, { file: compose, ...(name !== undefined && { name }) }),
  );
  const check = checkPod(text, { file });
  writeNewFile(file, text, terminal);
  for (const note of notes) terminal.say(note);
  if (input.text("output") === "json")
    await terminal.write(`${JSON.stringify({ file, notes, valid: check.kind === "good" })}\n`);
  else await terminal.write(text);
  terminal.say(
    check.kind === "good"
      ? `Wrote ${file}. Next: ${commandLine(terminal, ["pod", "validate", ...(file === POD_FILE ? [] : [file])])}`
      : `Wrote ${file}, which is to be mended:\n${check.message}`,
  );
  return check.kind === "good" ? EXIT.done : EXIT.failed;
}
