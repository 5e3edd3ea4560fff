import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { run as interpret } from "@stricli/core";
import { createApplication } from "../application.ts";
import type { CommandData, CommandInput, TypedLine } from "../command.ts";
import { CommandError, EXIT, type ExitCode, typed, usageError } from "../command-error.ts";
import { exitCodeOf } from "../exit-code.ts";
import { GROUPS } from "../groups.ts";
import { splitWords } from "../split-words.ts";
import { didYouMean, suggest } from "../suggest.ts";
import type { Terminal } from "../terminal.ts";
import { SCRIPT_LINES_MAX } from "./limits.ts";
import type { ResourceCommand } from "./resource-command.ts";
import { openServer } from "./server.ts";
import { type ScriptLine, splitScript } from "./split-line.ts";

/** A line that was read, and can be done. */
interface ReadLine extends ScriptLine {
  readonly command: ResourceCommand;
  readonly wish: unknown;
  readonly isJson: boolean;
}

/** Runs a script from its first line to its last, or to the first that fails. All of it is read before any of it is done. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [said = "-"] = input.words;
  const text = said === "-" ? new TextDecoder().decode(await terminal.readInput()) : readScript(said, terminal);
  return await runLines(text, { input, terminal, file: said === "-" ? "standard input" : said });
}

/** Runs the text of a script. */
export async function runLines(
  text: string,
  { input, terminal, file }: { readonly input: CommandInput; readonly terminal: Terminal; readonly file: string },
): Promise<ExitCode> {
  const lines = await typed(() => splitScript(text));
  if (lines.length > SCRIPT_LINES_MAX)
    throw usageError(`Cannot run "${file}": it has more than ${SCRIPT_LINES_MAX} commands, part it`);
  const read: ReadLine[] = [];
  for (const line of lines) read.push(await atLine(file, line, () => readLine(line, { input, terminal })));
  const server = await openServer(input, terminal);
  try {
    for (const line of read) {
      const context = { server, terminal, isJson: line.isJson, isInScript: true };
      const isDry = input.has("dry-run");
      await atLine(file, line, async () =>
        isDry ? await line.command.resolve?.(line.wish, context) : await line.command.act(line.wish, context),
      );
      if (isDry && !line.isJson) await terminal.write(`${line.words.join(" ")}\n`);
    }
    return EXIT.done;
  } finally {
    await server.close();
  }
}

function readScript(file: string, terminal: Terminal): string {
  try {
    return readFileSync(resolve(terminal.cwd, file), "utf8");
  } catch (cause) {
    throw new CommandError(`Cannot read "${file}": there is no such file here`, { exit: EXIT.notFound, cause });
  }
}

/** Does something for a line; what fails says which. */
async function atLine<T>(file: string, { line }: ScriptLine, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const cause = error instanceof CommandError ? error.cause : error;
    const tip = error instanceof CommandError ? error.tip : "";
    throw new CommandError(`${file}:${line}: ${message}`, { exit: exitCodeOf(error), cause, tip });
  }
}

/** Folders of commands that scripts may hold: those about resources. */
const IN_SCRIPTS = "create ls get set rm cp publish tag lock unlock status send auth chown whoami".split(" ");

async function readLine(
  line: ScriptLine,
  { input, terminal }: { readonly input: CommandInput; readonly terminal: Terminal },
): Promise<ReadLine> {
  const words = line.words[0] === "orrery" ? line.words.slice(1) : line.words;
  const [data, others] = findCommand(words, input.all);
  const found = await inputOf(data, others);
  const { command } = (await data.load()) as unknown as { command: ResourceCommand };
  const { all, type } = input;
  const own: CommandInput = { ...found, all, type, text: (flag) => found.text(flag) ?? shared(flag, input) };
  const wish = await typed(() => command.read(own, terminal));
  return { ...line, command, wish, isJson: own.text("output") === "json" };
}

/** Form of output, which a script's own flag says for all of its lines. */
function shared(flag: string, input: CommandInput): string | undefined {
  return flag === "output" ? input.text(flag) : undefined;
}

function findCommand(words: readonly string[], all: readonly CommandData[]): [CommandData, readonly string[]] {
  const [first = "", second = ""] = words;
  const known = all.filter(({ name }) => IN_SCRIPTS.includes(name.split(" ")[0] ?? ""));
  const called = (said: string) => known.find(({ name, aliases }) => name === said || aliases?.includes(said) === true);
  const two = called(`${first} ${second}`);
  if (two !== undefined) return [two, words.slice(2)];
  const one = called(first);
  if (one !== undefined) return [one, words.slice(1)];
  const names = known.map(({ name }) => name);
  const near = didYouMean(
    suggest(names.some((name) => name.startsWith(`${first} `)) ? `${first} ${second}` : first, names),
  );
  throw usageError(`Cannot run "${first}": it is no command of scripts, ${near || `those are ${names.join(", ")}`}`);
}

/** Reads the words of one command as if they were typed alone. */
async function inputOf(data: CommandData, words: readonly string[]): Promise<TypedLine> {
  const { own, rest, behind } = splitWords(words, data);
  const where = own.find((word) => /^--(to|agent|key-file|timeout)(=|$)/.test(word));
  if (where !== undefined)
    throw usageError(
      `Cannot use ${where.split("=")[0]} in a line: give it to the script, whose lines all go to one server`,
    );
  const groups = GROUPS.filter(({ name }) => data.name.startsWith(`${name} `));
  const application = createApplication([data], groups);
  const process = { stdout: { write: () => {} }, stderr: { write: () => {} }, env: {}, exitCode: null };
  const typedWords = [...data.name.split(" "), ...own, ...rest, "--", ...behind];
  await interpret(application.stricli, typedWords, { process });
  if (application.wrong !== undefined) throw application.wrong;
  if (application.found === undefined) throw usageError(`Cannot run "${data.name}": it is help, not a command`);
  return application.found;
}
