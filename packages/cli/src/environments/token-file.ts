import { mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { configFolder, readJson, writeJson } from "./config-folder.ts";
import type { Environment } from "./environments.ts";

/** What this machine keeps of a login. Times are in ms since 1970. */
export interface Login {
  /** Place of the environment for which it is good: tokens go nowhere else. */
  readonly place: string;
  readonly user: string;
  readonly accessToken: string;
  readonly accessUntilMs: number;
  readonly refreshToken: string;
  readonly refreshUntilMs: number;
  /** The password was good for this login alone. */
  readonly mustSetPassword: boolean;
}

/** Folder of the files of tokens, made where it is missing; nobody else may look in. */
export function tokenFolder(terminal: Terminal): string {
  const folder = join(configFolder(terminal), "tokens");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function fileOf(name: string, terminal: Terminal): string {
  return join(configFolder(terminal), "tokens", `${name}.json`);
}

/**
 * Reads who is logged in; undefined where nobody is, also where the name stands for another place now.
 * @throws CommandError for a file that others may read, or that is none of tokens
 */
export function readLogin({ name, place }: Environment, terminal: Terminal): Login | undefined {
  const file = fileOf(name, terminal);
  const kept = readJson(file) as Login | undefined;
  if (kept === undefined || kept.place !== place) return undefined;
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new CommandError(
      `Cannot use the tokens in "${file}": others may read them, for its mode is ${mode.toString(8)}`,
      {
        tip: `chmod 600 ${file}`,
      },
    );
  if (typeof kept.user === "string" && typeof kept.refreshToken === "string") return kept;
  throw new CommandError(`Cannot read "${file}": it has no tokens, log in again`, { tip: "orrery login" });
}

/** Keeps a login, in the place of the one before. */
export function writeLogin(name: string, login: Login, terminal: Terminal): void {
  tokenFolder(terminal);
  writeJson(fileOf(name, terminal), login);
}

/** Forgets a login. */
export function dropLogin(name: string, terminal: Terminal): void {
  rmSync(fileOf(name, terminal), { force: true });
}
