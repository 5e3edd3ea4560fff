import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { placesOf } from "./chosen.ts";
import { environmentNamed, LOCAL, readEnvironments, readName, writeEnvironments } from "./environments.ts";
import { dropLogin } from "./token-file.ts";

/** `orrery env add` */
export async function add(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [said = "", where = ""] = input.words;
  const name = readName(said);
  const place = readPlace(where, terminal);
  const { current, all } = readEnvironments(terminal);
  const before = all.find((one) => one.name === name);
  if (before !== undefined)
    throw usageError(
      `Cannot add environment "${name}": it is there, at "${before.place}"`,
      name === LOCAL.name ? "another name" : `orrery env rm ${name}, or another name`,
    );
  const space = input.text("space");
  dropLogin(name, terminal); // What was left of another one of this name is not for this place.
  const added = { name, place, ...(space !== undefined && { space }) };
  const isUsed = input.has("use");
  writeEnvironments({ current: isUsed ? name : current, all: [...all, added] }, terminal);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify({ ...added, current: isUsed })}\n`);
  else await terminal.write(`Added environment ${name} at ${place}${isUsed ? ", which is in use now" : ""}\n`);
  terminal.say(isUsed ? "Next: orrery login USER" : `Next: orrery env use ${name}`);
  return EXIT.done;
}

function readPlace(text: string, terminal: Terminal): string {
  if (/^\w+:\/\//.test(text)) {
    const { http, node = "" } = placesOf(text);
    return http ?? node;
  }
  const folder = resolve(terminal.cwd, text);
  if (existsSync(folder) && statSync(folder).isDirectory()) return folder;
  throw new CommandError(`Cannot add an environment at "${text}": it is no URL, and no folder that is there`, {
    exit: EXIT.usage,
    tip: "orrery env add NAME https://HOST, or the data folder of an orrery up",
  });
}

/** `orrery env use` */
export async function use(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const environments = readEnvironments(terminal);
  const { name, place } = environmentNamed(input.words[0] ?? "", environments);
  writeEnvironments({ ...environments, current: name }, terminal);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify({ name, place })}\n`);
  else await terminal.write(`Environment ${name} at ${place} is in use now\n`);
  return EXIT.done;
}

/** `orrery env rm` */
export async function remove(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const environments = readEnvironments(terminal);
  const { name } = environmentNamed(input.words[0] ?? "", environments);
  if (name === LOCAL.name) throw usageError(`Cannot remove environment "${name}": it is always there`);
  const current = environments.current === name ? LOCAL.name : environments.current;
  writeEnvironments({ current, all: environments.all.filter((one) => one.name !== name) }, terminal);
  dropLogin(name, terminal);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify({ name, current })}\n`);
  else await terminal.write(`Removed environment ${name} and its tokens; ${current} is in use\n`);
  return EXIT.done;
}
