import { run } from "@stricli/core";
import { createApplication, suggestCommand, unknownCommand } from "./application.ts";
import type { CommandData } from "./command.ts";
import { CommandError, EXIT, type ExitCode, UnknownService } from "./command-error.ts";
import { callCommand } from "./commands/call.ts";
import { COMMANDS, findCommand } from "./commands.ts";
import { findGroup, GROUPS } from "./groups.ts";
import { splitWords } from "./split-words.ts";
import { didYouMean } from "./suggest.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Does what was typed behind `orrery`, and gives the exit code: 0 done, 1 failed, 2 wrong usage, 3 not allowed, 4 not found or not
 * reachable, 5 timed out. Results go to the terminal's standard output, all else to its standard error.
 */
export async function main(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const wanted = { form: isJson(words) ? "json" : "text", debug: words.includes("--debug") } as const;
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    const { printError } = await import("./print-error.ts"); // Most commands need none.
    const { exitCodeOf } = await import("./exit-code.ts");
    terminal.say(printError(error, wanted));
    return exitCodeOf(error);
  }
}

async function dispatch(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first = "--help", second, ...others] = words;
  if (first === "--version" || first === "-v") return await interpret(["version", ...words.slice(1)], terminal);
  if (first === "help") return await interpret([...wordsOfHelp(words.slice(1)), "--help"], terminal);
  if (first === "--help" || first === "-h") return await interpret(["--help"], terminal);
  const found = findCommand(words);
  if (found === undefined) {
    if (findGroup(first) === undefined) return await interpretFields(words, terminal);
    const isHelp = second === undefined || [second, ...others].some((word) => word === "--help" || word === "-h");
    if (!isHelp) throw unknownCommand(`${first} ${second}`, COMMANDS, `orrery ${first} --help`);
    return await interpret([first, "--help"], terminal);
  }
  const { command } = found;
  if (command.takesFields === true) return await interpretFields(found.others, terminal, command);
  const { own, rest, behind, isHelp } = splitWords(found.others, command);
  const name = command.name.split(" ");
  return await interpret([...name, ...(isHelp ? ["--help"] : [...own, ...rest, "--", ...behind])], terminal);
}

/** The words of the command or group that help is wanted for. */
function wordsOfHelp(words: readonly string[]): readonly string[] {
  const [first = "", second] = words;
  if (second === undefined && findGroup(first) !== undefined) return [first];
  return findCommand(words)?.command.name.split(" ") ?? words.slice(0, 1);
}

/** What is no command of ours may be a service: the same as `call`, whose words these then are. */
async function interpretFields(words: readonly string[], terminal: Terminal, command?: CommandData): Promise<ExitCode> {
  const { own, rest: before, behind, isHelp } = splitWords(words, callCommand);
  const rest = [...before, ...behind];
  if (command !== undefined && isHelp && rest.length === 0) return await interpret([command.name, "--help"], terminal);
  const [first] = rest;
  if (first === undefined || first.startsWith("-")) {
    if (command === undefined) return await interpret(words, terminal);
    throw new CommandError("Cannot call: no service is named, write orrery call SERVICE METHOD", { exit: EXIT.usage });
  }
  const how = `${command === undefined ? "direct" : "call"}${isHelp ? "-help" : ""}`;
  try {
    return await interpret(["call", ...own, "--", how, ...rest], terminal);
  } catch (error) {
    throw command === undefined && error instanceof UnknownService ? unknownWord(error) : error;
  }
}

async function interpret(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const out: string[] = [];
  const application = createApplication(COMMANDS, GROUPS);
  const process = {
    stdout: { write: (text: string) => void out.push(text) },
    stderr: { write: () => undefined },
    env: terminal.env,
    exitCode: null,
  };
  await run(application.stricli, words, { process });
  const { wrong, found } = application;
  if (wrong !== undefined) throw wrong;
  if (found === undefined) {
    await terminal.write(out.join(""));
    return EXIT.done;
  }
  const { run: handle } = await found.command.load();
  return await handle({ ...found, type: main }, terminal);
}

/** A word that is neither a command nor a service: says what it may have been. */
function unknownWord({ said, near, names, where }: UnknownService): CommandError {
  const commands = suggestCommand(said, COMMANDS);
  const meant = didYouMean([...commands, ...near]);
  const services =
    names.length === 0
      ? "nothing runs here that could be a service"
      : names.length > SERVICES_NAMED
        ? `none of the ${names.length} services here has that name`
        : `no service ${names.join(", ")} is that`;
  const isTypo = commands.length > 0 || names.length === 0;
  const why = meant === "" ? services : meant;
  return new CommandError(
    `${`Cannot run "${said}": there is no such command, and ${why}`.replace("and did you", "did you")}${isTypo || where === "" ? "" : ` (${where})`}`,
    {
      exit: isTypo ? EXIT.usage : EXIT.notFound,
      tip: isTypo ? "orrery --help" : "orrery services",
    },
  );
}

/** Services that are named where a word is none of them; of more, how many there are. */
const SERVICES_NAMED = 5;

function isJson(words: readonly string[]): boolean {
  const at = words.indexOf("--output");
  return words.includes("--output=json") || words.includes("--json") || (at >= 0 && words[at + 1] === "json");
}
