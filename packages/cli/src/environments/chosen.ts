import { join } from "node:path";
import { isOrreryError, type OrreryError } from "@orrery/core";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { readJson } from "./config-folder.ts";
import { type Environment, environmentNamed, LOCAL, LOCAL_HTTP, readEnvironments } from "./environments.ts";
import { READY_FILE } from "./ready-file.ts";
import { type Login, readLogin } from "./token-file.ts";

/** The platform that a command is about, and who asks there. */
export interface Chosen {
  /** What somebody calls it; undefined where he named an address in its place. */
  readonly environment: Environment | undefined;
  /** Where it is asked: `http…`, else the address of a node. */
  readonly address: string;
  /** The login that is used; undefined: none is. */
  readonly login: Login | undefined;
  /** The token for programs that is used, of ORRERY_TOKEN. */
  readonly token: string | undefined;
  readonly agent: string;
  /** The Space that commands are about which name none; empty: none is chosen. */
  readonly space: string;
}

/**
 * Finds the platform that a command is about: that of --to, --env, ORRERY_SERVER or ORRERY_ENV, else the environment in use. By HTTP whoever is
 * logged in asks; on this machine whom --agent names, else who is logged in, else the operator.
 * @throws CommandError
 */
export function choose(input: CommandInput, terminal: Terminal): Chosen {
  const environment = environmentOf(input, terminal);
  const said = environment === undefined ? (input.text("to") ?? terminal.env["ORRERY_SERVER"] ?? "") : undefined;
  const agent = input.text("agent");
  const space = input.text("space") ?? (terminal.env["ORRERY_SPACE"] || environment?.space || "");
  const known = environment ?? environmentAt(said ?? "", terminal);
  const token = terminal.env["ORRERY_TOKEN"] || undefined;
  const kept = known === undefined ? undefined : readLogin(known, terminal);
  const places = environment === undefined ? placesOf(said ?? "") : environmentPlaces(environment);
  const isByNode = places.node !== undefined && (agent !== undefined || (kept === undefined && token === undefined));
  const name = known?.name;
  const base = { environment: known, space };
  if (isByNode || places.http === undefined)
    return { ...base, address: places.node ?? "", agent: agent ?? "operator", login: undefined, token: undefined };
  if (agent !== undefined) throw noOther(agent, { name, address: places.http, login: kept });
  if (token !== undefined) return { ...base, address: places.http, agent: HOLDER, login: undefined, token };
  return { ...base, address: places.http, agent: kept?.user ?? "", login: kept, token };
}

/** What a program is called of whose token only the server knows the user. */
const HOLDER = "the holder of ORRERY_TOKEN";

function environmentOf(input: CommandInput, terminal: Terminal): Environment | undefined {
  const [to, named] = [input.text("to"), input.text("env")];
  if (to !== undefined && named !== undefined)
    throw usageError(`Cannot use --to and --env together: one of them names the platform`);
  const isAddress = to !== undefined || (named === undefined && (terminal.env["ORRERY_SERVER"] ?? "") !== "");
  if (isAddress) return undefined;
  const environments = readEnvironments(terminal);
  return environmentNamed(named ?? (terminal.env["ORRERY_ENV"] || environments.current), environments);
}

/** The environment whose place an address is, by which its login is found. Only URLs are places that users log in to. */
function environmentAt(address: string, terminal: Terminal): Environment | undefined {
  if (!/^https?:/.test(address)) return undefined;
  return readEnvironments(terminal).all.find(({ place }) => place === address.replace(/\/+$/, ""));
}

/** Where a platform is reached: by commands of its own machine, and by users. */
export interface Places {
  readonly node?: string;
  readonly http?: string;
}

/** Reads an address. @throws CommandError for what is none */
export function placesOf(address: string): Places {
  if (/^https?:\/\/./.test(address) && URL.canParse(address)) return { http: address.replace(/\/+$/, "") };
  if (/^(tcp|ipc):\/\/./.test(address)) return { node: address };
  throw usageError(
    `Cannot reach "${address}": it is no address of a server, write one such as ${LOCAL.place} or https://HOST`,
  );
}

/** Finds where an environment is. @throws CommandError where it is a folder over which nothing runs */
export function environmentPlaces({ name, place }: Environment): Places {
  if (name === LOCAL.name) return { node: LOCAL.place, http: LOCAL_HTTP };
  if (/^\w+:\/\//.test(place)) return placesOf(place);
  const ready = readJson(join(place, READY_FILE)) as { readonly address: string; readonly http: string } | undefined;
  if (ready !== undefined) return { node: ready.address, http: ready.http };
  throw new CommandError(`Cannot reach environment "${name}" at "${place}": no orrery up runs over that folder`, {
    exit: EXIT.notFound,
    tip: `orrery up --data=${place}, or orrery env use NAME for another environment`,
  });
}

function noOther(
  agent: string,
  {
    name,
    address,
    login,
  }: { readonly name: string | undefined; readonly address: string; readonly login: Login | undefined },
): CommandError {
  const where = name === undefined ? `"${address}"` : `environment "${name}" at "${address}"`;
  const who = login === undefined ? "nobody is logged in there" : `"${login.user}" is logged in there`;
  const env = name === undefined ? "" : ` --env=${name}`;
  return new CommandError(`Cannot act as "${agent}" in ${where}: by HTTP you are who logs in, and ${who}`, {
    exit: EXIT.usage,
    tip: `orrery login ${agent.includes(":") ? agent : "USER"}${env}`,
  });
}

/** Says in an error where, as whom, and about which Space it came about. */
export function whereText({ environment, address, agent, space }: Chosen): string {
  const who = agent === "" ? "anonymous" : agent;
  const named =
    environment === undefined || address === LOCAL.place ? address : `environment ${environment.name} at ${address}`;
  return `${named} as ${who}${space === "" ? "" : `, space ${space}`}`;
}

/** Whether a refusal is because nobody is logged in, or not any more. */
export function isUnknown(error: unknown, { login, token, address }: Chosen): error is OrreryError {
  if (!isOrreryError(error)) return false;
  const isNobody = login === undefined && token === undefined && address.startsWith("http");
  return error.code === "unauthenticated" || (error.code === "permission_denied" && isNobody);
}
