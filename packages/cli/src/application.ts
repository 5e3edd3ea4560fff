import {
  type Application,
  ArgumentParseError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  type CommandContext,
  EnumValidationError,
  FlagNotFoundError,
  type RouteMap,
  text_en,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import type { CommandData, FlagData, GroupData, TypedLine } from "./command.ts";
import { type CommandError, usageError } from "./command-error.ts";
import { commandHelp, groupHelp, rootHelp } from "./help.ts";
import { didYouMean, suggest } from "./suggest.ts";

/** The commands, ready for one line that was typed. */
export interface CommandApplication {
  readonly stricli: Application<CommandContext>;
  /** The command that fits; undefined when help was printed. */
  readonly found: TypedLine | undefined;
  /** What does not fit. */
  readonly wrong: CommandError | undefined;
}

type FlagValue = string | boolean | readonly string[] | undefined;

/** Makes the application of commands: Stricli finds the command and reads its flags; what comes of it is kept, and nothing is run. */
export function createApplication(commands: readonly CommandData[], groups: readonly GroupData[]): CommandApplication {
  const result: { found: TypedLine | undefined; wrong: CommandError | undefined } = {
    found: undefined,
    wrong: undefined,
  };
  const onFound = (found: TypedLine) => {
    result.found = found;
  };
  const refuse = (error: CommandError) => {
    result.wrong ??= error;
    return "";
  };
  const routes = makeRoutes(commands, groups, onFound);
  const aliases = Object.fromEntries(
    commands.flatMap(({ name, aliases: more = [] }) => more.map((alias) => [alias, name])),
  );
  const root = buildRouteMap({ routes, aliases, docs: { brief: "Write, run and call components" } });
  const stricli = buildApplication(
    { ...root, formatHelp: () => rootHelp(commands, groups) },
    {
      name: "orrery",
      scanner: { caseStyle: "original", allowArgumentEscapeSequence: true },
      documentation: { disableAnsiColor: true },
      localization: {
        text: {
          ...text_en,
          exceptionWhileParsingArguments: (error) => refuse(explain(error, commands)),
          noCommandRegisteredForInput: ({ input }) => refuse(unknownCommand(input, commands)),
        },
      },
    },
  );
  return {
    stricli,
    get found() {
      return result.found;
    },
    get wrong() {
      return result.wrong;
    },
  };
}

type Routes = Record<string, Command<CommandContext> | RouteMap<CommandContext>>;

function makeRoutes(
  commands: readonly CommandData[],
  groups: readonly GroupData[],
  onFound: MakeCommandOptions["onFound"],
): Routes {
  const routesOf = (list: readonly CommandData[]): Routes =>
    Object.fromEntries(
      list.map((command) => [lastWord(command.name), makeCommand(command, { commands, onFound })] as const),
    );
  const grouped = groups.map((group) => {
    const own = commands.filter(({ name }) => name.startsWith(`${group.name} `));
    const map = buildRouteMap({ routes: routesOf(own), docs: { brief: group.summary } });
    return [group.name, { ...map, formatHelp: () => groupHelp(group, own) }] as const;
  });
  return { ...routesOf(commands.filter(({ name }) => !name.includes(" "))), ...Object.fromEntries(grouped) };
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(" ") + 1);
}

/** Says that there is no command of a name. */
export function unknownCommand(name: string, commands: readonly CommandData[], tip = "orrery --help"): CommandError {
  const near = didYouMean(suggestCommand(name, commands));
  return usageError(`Cannot run "${name}": there is no such command${near === "" ? "" : `, ${near}`}`, tip);
}

/** Commands that somebody may have meant. */
export function suggestCommand(said: string, commands: readonly CommandData[]): readonly string[] {
  return suggest(
    said,
    commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
  );
}

interface MakeCommandOptions {
  readonly commands: readonly CommandData[];
  readonly onFound: (found: TypedLine) => void;
}

function makeCommand(command: CommandData, { commands, onFound }: MakeCommandOptions): Command<CommandContext> {
  const { words } = command;
  const take = (flags: Readonly<Record<string, FlagValue>>, ...typed: readonly string[]) =>
    onFound({ command, all: commands, words: typed, ...readersOf(flags) });
  const parameter = { brief: words.summary, placeholder: words.usage, parse: String };
  const made = buildCommand({
    func: take,
    docs: { brief: command.summary },
    parameters: {
      flags: Object.fromEntries(command.flags.map((flag) => [flag.name, flagParameter(flag)])),
      aliases: Object.fromEntries(
        command.flags.flatMap(({ name, short }) => (short === undefined ? [] : [[short, name]])),
      ),
      positional: {
        kind: "array",
        parameter,
        minimum: words.min,
        ...(words.max === undefined || command.takesFields === true ? {} : { maximum: words.max }),
      },
    },
  } as unknown as Parameters<typeof buildCommand>[0]);
  return { ...made, formatHelp: () => commandHelp(command) };
}

function flagParameter(flag: FlagData) {
  const { summary: brief, placeholder } = flag;
  const named = { brief, ...(placeholder === undefined ? {} : { placeholder }) };
  if (flag.kind === "switch") return { ...named, kind: "boolean", optional: true, withNegated: false } as const;
  const variadic = flag.kind === "values" ? { variadic: true } : {};
  if (flag.choices !== undefined)
    return { ...named, kind: "enum", values: flag.choices, optional: true, ...variadic } as const;
  return {
    ...named,
    kind: "parsed",
    parse: String,
    optional: true,
    ...variadic,
  } as const;
}

function readersOf(flags: Readonly<Record<string, FlagValue>>): Pick<TypedLine, "text" | "texts" | "has"> {
  return {
    text: (flag) => flags[flag] as string | undefined,
    texts: (flag) => (flags[flag] as readonly string[] | undefined) ?? [],
    has: (flag) => flags[flag] === true,
  };
}

/** What somebody may have meant by a flag that the command has not: one of its own, another command's, or one that is near. */
function flagHelp({ input, corrections }: FlagNotFoundError, commands: readonly CommandData[]): string {
  const asked = (names: readonly string[]) => didYouMean(names.slice(0, 3).map((name) => `--${name}`));
  if (corrections.length > 0) return asked(corrections);
  const owners = commands.filter(({ flags }) => flags.some(({ name }) => name === input)).slice(0, 3);
  if (owners.length > 0)
    return `${owners.map(({ name }) => `orrery ${name}`).join(", ")} ${owners.length === 1 ? "has" : "have"} it`;
  return asked(
    suggest(
      input,
      commands.flatMap(({ flags }) => flags.map(({ name }) => name)),
    ),
  );
}

/** Puts what Stricli found wrong into our words. */
function explain(error: unknown, commands: readonly CommandData[]): CommandError {
  if (error instanceof FlagNotFoundError) {
    const help = flagHelp(error, commands);
    return usageError(`Cannot read flag --${error.input}: there is no such flag here${help === "" ? "" : `, ${help}`}`);
  }
  if (error instanceof EnumValidationError) {
    const { externalFlagName: flag, input, values } = error;
    return usageError(`Cannot read flag --${flag}: "${input}" is none of its values, write ${values.join(", ")}`);
  }
  if (error instanceof UnexpectedFlagError)
    return usageError(`Cannot read flag --${error.externalFlagName}: it is given twice`);
  if (error instanceof UnexpectedPositionalError) {
    const takes =
      error.expectedCount === 0
        ? "takes no words"
        : `takes ${error.expectedCount === 1 ? "one word" : `${error.expectedCount} words`}`;
    return usageError(`Cannot read "${error.input}": the command ${takes} besides its flags`);
  }
  if (error instanceof UnsatisfiedPositionalError) {
    const [, count = 0] = error.limit ?? [];
    const given = count === 0 ? "nothing was" : `only ${count === 1 ? "one word was" : `${count} words were`}`;
    return usageError(`Cannot run the command: it needs ${error.placeholder}, and ${given} given`);
  }
  if (error instanceof ArgumentParseError)
    return usageError(
      `Cannot read "${error.input}": ${error.exception instanceof Error ? error.exception.message : "it does not fit"}`,
    );
  return usageError(`Cannot read the command: ${error instanceof Error ? error.message : String(error)}`);
}
