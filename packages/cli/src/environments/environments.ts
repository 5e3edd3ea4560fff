import { join } from "node:path";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { suggest } from "../suggest.ts";
import type { Terminal } from "../terminal.ts";
import { UP_HTTP_PORT, UP_PORT } from "../up/limits.ts";
import { configFolder, readJson, writeJson } from "./config-folder.ts";

/** A platform that somebody works with, under a name of his. */
export interface Environment {
  readonly name: string;
  /** `https://…`, the address of a node such as `tcp://127.0.0.1:7700`, or the data folder of an `orrery up` on this machine. */
  readonly place: string;
  /** The Space that commands are about which name none. */
  readonly space?: string;
}

/** What somebody told the command of environments. */
export interface Environments {
  readonly current: string;
  readonly all: readonly Environment[];
}

/** The one that everybody has: where `orrery up` is when it is told no ports. */
export const LOCAL: Environment = { name: "local", place: `tcp://127.0.0.1:${UP_PORT}` };
/** Where users of that one log in. */
export const LOCAL_HTTP = `http://127.0.0.1:${UP_HTTP_PORT}`;

function fileOf(terminal: Terminal): string {
  return join(configFolder(terminal), "environments.json");
}

/** Reads them; nobody may rename or remove `local`. @throws CommandError for a file that is none of environments */
export function readEnvironments(terminal: Terminal): Environments {
  const file = fileOf(terminal);
  const kept = readJson(file) as Partial<Environments> | undefined;
  if (kept === undefined) return { current: LOCAL.name, all: [LOCAL] };
  const { current, all } = kept;
  const isGood = typeof current === "string" && Array.isArray(all) && all.every(isEnvironment);
  if (!isGood) throw new CommandError(`Cannot read "${file}": it has no list of environments, mend or remove it`);
  return { current, all: [LOCAL, ...all.filter(({ name }) => name !== LOCAL.name)] };
}

/** Keeps them. */
export function writeEnvironments({ current, all }: Environments, terminal: Terminal): void {
  writeJson(fileOf(terminal), { current, all: all.filter(({ name }) => name !== LOCAL.name) });
}

/** Finds one by its name. @throws CommandError where there is none */
export function environmentNamed(name: string, { all }: Environments): Environment {
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = all.map((one) => one.name);
  const [near] = suggest(name, names);
  const known = near === undefined ? `there are ${names.join(", ")}` : `did you mean "${near}"?`;
  throw new CommandError(`Cannot find environment "${name}": ${known}`, {
    exit: EXIT.notFound,
    tip: `orrery env add ${name} https://HOST`,
  });
}

/** @throws CommandError for what is no name of an environment */
export function readName(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return text;
  throw usageError(
    `Cannot name an environment "${text}": write small letters, digits and "-", at most 63, such as prod`,
  );
}

function isEnvironment(one: unknown): one is Environment {
  const { name, place, space } = (one ?? {}) as Readonly<Record<string, unknown>>;
  const isNamed = typeof name === "string" && typeof place === "string";
  return isNamed && (space === undefined || typeof space === "string");
}
