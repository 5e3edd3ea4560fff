import { existsSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { generateCode } from "./generate-code.ts";

/** Writes code, and says what changed. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = "."] = input.words;
  const folder = resolve(terminal.cwd, word);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new CommandError(`Cannot generate from "${word}": there is no such folder`, { exit: EXIT.notFound });
  const inner = join(folder, "proto");
  const hasInner = existsSync(inner);
  const text = input.text("out");
  const out = text === undefined ? undefined : resolve(terminal.cwd, text);
  const result = await generateCode({ folder: hasInner ? inner : folder, ...(out === undefined ? {} : { out }) });
  const { written, removed, unchanged } = result;
  const shown = relative(terminal.cwd, result.out) || ".";
  if (input.text("output") === "json") {
    await terminal.write(`${JSON.stringify({ out: result.out, written, removed, unchanged })}\n`);
    return EXIT.done;
  }
  const lines = [
    ...written.map((file) => `wrote    ${join(shown, file)}`),
    ...removed.map((file) => `removed  ${join(shown, file)}`),
  ];
  const rest = unchanged === 0 ? [] : [`${unchanged} in ${shown} ${unchanged === 1 ? "was" : "were"} right already`];
  await terminal.write(`${[...lines, ...rest].join("\n")}\n`);
  return EXIT.done;
}
