import type { CommandData, FlagData } from "./command.ts";

/** Writes the guide to the command from the data of its commands: a page of Markdown. */
export function printGuide(commands: readonly CommandData[]): string {
  return [INTRODUCTION, table(commands), ...commands.map(section)].join("\n");
}

const INTRODUCTION = `# The command

\`orrery\` writes, runs and calls components. This page is made from the same data as \`orrery COMMAND --help\`.

\`\`\`sh
orrery new hello && cd hello && npm install
npm start                             # serves the component
npx orrery hello greet --name=Ada     # in another terminal
\`\`\`

Results go to standard output, all else to standard error; \`--output=json\`, or \`--json\`, writes both for programs. Exit codes: 0 done, 1 failed, 2
wrong usage, 3 not allowed, 4 not found or not reachable, 5 timed out. Colour is used on a terminal only, and \`NO_COLOR\` turns it off.

## Flags from a contract

\`orrery SERVICE METHOD --field=value\` takes its flags from the method's contract: \`orrery SERVICE METHOD --help\` lists them.

- \`--place=Oslo\` or \`--place Oslo\`; \`snake_case\`, \`kebab-case\` and the name as JSON has it are all understood.
- \`--fast\`, \`--no-fast\` and \`--fast=false\` for a bool. Numbers are checked against their type, 64-bit ones are exact.
- \`--color=red\`: an enum by name, in any case. \`--photo=@cat.png\`: bytes from a file, else base64.
- \`--order.lines.0.sku=x\`: dots nest, numbers index. \`--tag=a --tag=b\` or \`--tag='["a","b"]'\`: a list. \`--labels.team=blue\`: a map.
- A whole request as JSON: \`orrery call SERVICE METHOD '{"place":"Oslo"}'\`, \`-\` for standard input, \`@file\` for a file. Flags go over it.
`;

function table(commands: readonly CommandData[]): string {
  const rows = commands.map(
    ({ name, summary }) => `| [\`${name}\`](#orrery-${name.replaceAll(" ", "-")}) | ${summary} |`,
  );
  return ["## Commands", "", "| command | what it does |", "|---|---|", ...rows, ""].join("\n");
}

function section(command: CommandData): string {
  const { name, aliases = [], summary, description, words, flags, examples } = command;
  const usage = [`orrery ${name}`, words.usage, "[flags]"].filter((part) => part !== "").join(" ");
  const others = aliases.length === 0 ? "" : ` Also: ${aliases.map((alias) => `\`orrery ${alias}\``).join(", ")}.`;
  return [
    `## orrery ${name}`,
    "",
    `${summary}.${others} ${description}`,
    "",
    "```text",
    usage,
    "```",
    "",
    ...(flags.length === 0 ? [] : ["| flag | meaning |", "|---|---|", ...flags.map(flagRow), ""]),
    "```sh",
    ...examples.map(({ words: example, does }) => `orrery ${example}  # ${does}`),
    "```",
    "",
  ].join("\n");
}

function flagRow(flag: FlagData): string {
  const value = flag.choices?.join("|") ?? flag.placeholder ?? "VALUE";
  const spelling = flag.kind === "switch" ? "" : flag.kind === "maybe" ? `[=${value}]` : `=${value}`;
  const otherwise = flag.default === undefined ? "" : ` (default ${flag.default})`;
  const short = flag.short === undefined ? "" : `\`-${flag.short}\`, `;
  return `| ${short}\`--${flag.name}${spelling.replaceAll("|", "\\|")}\` | ${flag.summary.replaceAll("|", "\\|")}${otherwise} |`;
}
