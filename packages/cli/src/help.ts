import type { CommandData, FlagData, GroupData } from "./command.ts";
import { wrap } from "./wrap.ts";

/** Rows of the help: what is typed, and what it does. */
type Row = readonly [string, string];

/** The help of one command, made from its data. */
export function commandHelp(command: CommandData): string {
  const { name, aliases = [], summary, description, words, flags, examples } = command;
  const usage = [`orrery ${name}`, words.usage, "[flags]"].filter((part) => part !== "").join(" ");
  const more = aliases.map((alias) => `  orrery ${alias} is the same`);
  const helpRow: Row = ["-h, --help", "Print this"];
  return [
    summary,
    "",
    "USAGE",
    `  ${usage}`,
    ...more,
    "",
    ...wrap(description, 0),
    ...(words.summary === "" ? [] : ["", "ARGUMENTS", ...rows([[words.usage, words.summary]])]),
    "",
    "FLAGS",
    ...rows([...flags.map(flagRow), helpRow]),
    "",
    "EXAMPLES",
    ...rows(examples.map((example): Row => [`orrery ${example.words}`, example.does])),
    "",
  ].join("\n");
}

/** The help of a group of commands. */
export function groupHelp({ name, summary }: GroupData, commands: readonly CommandData[]): string {
  const examples = commands.flatMap((command) => command.examples.slice(0, 1));
  return [
    summary,
    "",
    "USAGE",
    `  orrery ${name} COMMAND`,
    "",
    "COMMANDS",
    ...rows(commands.map((command): Row => [command.name.slice(name.length + 1), command.summary])),
    "",
    "EXAMPLES",
    ...rows(examples.map(({ words, does }): Row => [`orrery ${words}`, does])),
    "",
    `"orrery ${name} COMMAND --help" tells more.`,
    "",
  ].join("\n");
}

/** The help of the whole command. */
export function rootHelp(commands: readonly CommandData[], groups: readonly GroupData[]): string {
  const single = commands.filter(({ name }) => !name.includes(" "));
  return [
    "Write, run and call components",
    "",
    "USAGE",
    "  orrery COMMAND",
    "  orrery SERVICE METHOD [--field=value…]",
    "",
    "COMMANDS",
    ...rows([...single, ...groups].map(({ name, summary }): Row => [name, summary])),
    "",
    "EXAMPLES",
    ...rows([
      ["orrery new hello", "make a project"],
      ["orrery run components --watch", "run a folder of components, again after every change"],
      ["orrery services", "list what can be called"],
      ["orrery greeter hello --name=World", "call a method, with flags from its contract"],
      ["orrery greeter hello --help", "list those flags"],
      ["orrery sim explore greeter.sim.ts", "look for races in a modelled network"],
    ]),
    "",
    '"orrery COMMAND --help" tells more. Results go to standard output, all else to standard error.',
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not allowed, 4 not found or not reachable, 5 timed out.",
    "",
  ].join("\n");
}

function flagRow(flag: FlagData): Row {
  const values = flag.choices?.join("|") ?? flag.placeholder ?? "VALUE";
  const name = `${flag.short === undefined ? "" : `-${flag.short}, `}--${flag.name}`;
  const typed = { switch: name, value: `${name}=${values}`, values: `${name}=${values}`, maybe: `${name}[=${values}]` };
  const fallback = flag.default === undefined ? "" : ` (default ${flag.default})`;
  return [typed[flag.kind], `${flag.summary}${fallback}`];
}

/** Lays rows out in two columns; a row whose left side is long gets its right side on the next line. */
export function rows(table: readonly Row[]): readonly string[] {
  const width = Math.min(LEFT_MAX, Math.max(0, ...table.map(([left]) => left.length)));
  return table.flatMap(([left, right]) => {
    const lines = wrap(right, width + 4);
    if (right === "") return [`  ${left}`];
    if (left.length > width) return [`  ${left}`, ...lines.map((line) => `${" ".repeat(width + 4)}${line}`)];
    return lines.map((line, index) => `  ${(index === 0 ? left : "").padEnd(width)}  ${line}`);
  });
}

/** Widest left column. */
const LEFT_MAX = 44;
