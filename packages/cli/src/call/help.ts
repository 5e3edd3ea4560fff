import type { MethodContract } from "@orrery/core/internal";
import type { CommandData } from "../command.ts";
import { type FieldRow, fieldRows } from "../fields/index.ts";
import { rows } from "../help.ts";
import type { ReachedService } from "../reach/reach.ts";
import { shortName } from "../short-name.ts";
import { table } from "../table.ts";

/** The help of a service: its methods. */
export function serviceHelp({ name, contract }: ReachedService): string {
  const methods = [...contract.methods.values()];
  const word = shortName(name);
  return [
    name,
    "",
    "USAGE",
    `  orrery ${word} METHOD [--field=value…] [JSON|-|@FILE]`,
    "",
    "METHODS",
    ...table(
      methods.map((method) => [method.name, method.mode, method.summary]),
      2,
    ),
    "",
    `"orrery ${word} METHOD --help" lists the flags of a method.`,
    "",
  ].join("\n");
}

/** The help of a method: its flags and examples. `call` is the command, whose own flags come first. */
export function methodHelp(service: ReachedService, method: MethodContract, call: CommandData): string {
  const command = `orrery ${shortName(service.name)} ${method.name}`;
  const summary = method.summary === "" ? [] : [method.summary, ""];
  const flags = fieldRows({ service: service.contract, method });
  return [
    `${service.name}.${method.name}, ${method.mode}`,
    "",
    ...summary,
    "USAGE",
    `  ${command} [JSON|-|@FILE] [--field=value…]`,
    "",
    ...flagLines(service, flags, call),
    ...MODE_TEXTS[method.mode],
    "EXAMPLES",
    ...examplesOf(command, flags).map((line) => `  ${line}`),
    "",
    '"orrery call --help" lists the flags of the command itself.',
    "",
  ].join("\n");
}

const MODE_TEXTS = {
  sync: [],
  stream: ["It prints one item a line, until it ends or Ctrl-C.", ""],
  async: ["It is accepted, and nobody waits for its end.", ""],
  broadcast: ["Every instance gets it, at most once, and nobody is told.", ""],
} as const;

function flagLines({ contract }: ReachedService, flags: readonly FieldRow[], call: CommandData): readonly string[] {
  if (flags.length === 0) {
    const isKnown = contract.source.kind === "protobuf";
    return [isKnown ? "The request has no fields." : "The contract does not tell its fields: every flag is taken.", ""];
  }
  const own = new Set(call.flags.map(({ name }) => `--${name}`));
  const lines = flags.map(({ flag, type, text }): readonly [string, string] => {
    const clash = own.has(flag) ? "write it behind --" : "";
    return [type === "bool" ? flag : `${flag}=${type}`, [text, clash].filter((note) => note !== "").join("; ")];
  });
  return ["FLAGS", ...rows(lines), ""];
}

function examplesOf(command: string, flags: readonly FieldRow[]): readonly string[] {
  const simple = flags.filter(({ flag }) => !flag.includes(".N.") && !flag.endsWith(".KEY"));
  const words = simple.slice(0, 2).map(({ flag, type }) => (type === "bool" ? flag : `${flag}=…`));
  return [[command, ...words].join(" "), `echo '{}' | ${command} -`];
}
