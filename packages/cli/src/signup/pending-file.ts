import { rmSync } from "node:fs";
import { join } from "node:path";
import { configFolder, readJson, writeJson } from "../environments/config-folder.ts";
import type { Environment } from "../environments/environments.ts";
import type { Terminal } from "../terminal.ts";

/** What this machine keeps of a signup until it ends. */
export interface PendingSignup {
  /** Place of the environment in which it was begun: its secret goes nowhere else. */
  readonly place: string;
  readonly email: string;
  /** The space that is joined; empty: one is made. */
  readonly join: string;
  /** By which it goes on. */
  readonly signup: string;
}

function fileOf(name: string, terminal: Terminal): string {
  return join(configFolder(terminal), "signups", `${name}.json`);
}

/** The signup that was begun for an address, in a file that nobody else may read; undefined where none was. */
export function readPending(
  { name, place }: Environment,
  { email, join }: Pick<PendingSignup, "email" | "join">,
  terminal: Terminal,
): PendingSignup | undefined {
  const kept = readJson(fileOf(name, terminal)) as PendingSignup | undefined;
  return kept?.place === place && kept.email === email && kept.join === join ? kept : undefined;
}

/** Keeps it, in the place of the one before. */
export function writePending(
  { name, place }: Environment,
  one: Omit<PendingSignup, "place">,
  terminal: Terminal,
): void {
  writeJson(fileOf(name, terminal), { ...one, place });
}

/** Forgets it. */
export function dropPending({ name }: Environment, terminal: Terminal): void {
  rmSync(fileOf(name, terminal), { force: true });
}
