import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LogLevelPlace } from "@orrery/mesh/supervise";
import type { LogThreshold } from "./logs/log-threshold.ts";

/** Where the processes of an app find from which level on their lines are wanted. */
export interface LevelPlaces {
  /** Its own folder: a process in a cage sees a file that is replaced only there. */
  readonly folder: string;
  of(component: string): LogLevelPlace;
}

/** Options of `writeLevels`. */
export interface LevelsOptions {
  readonly app: string;
  /** Folder of all that is kept of the app. */
  readonly home: string;
  /** Names of all components that a process may be of. */
  readonly components: readonly string[];
  readonly levelOf: (address: string) => LogThreshold;
  /** Lets the processes of the app read a file or folder. */
  readonly lend: (file: string) => void;
}

/** Writes the levels of an app's components, where they are others than before, and says where they are. */
export function writeLevels({ app, home, components, levelOf, lend }: LevelsOptions): LevelPlaces {
  const folder = join(home, "levels");
  const file = join(folder, "levels.json");
  const addressOf = (name: string) => `${app}:${name}`;
  const levels = Object.fromEntries([...new Set(components)].sort().map((name) => [name, levelOf(addressOf(name))]));
  const text = JSON.stringify(levels);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lend(folder);
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    lend(`${file}.new`);
    renameSync(`${file}.new`, file);
  }
  return { folder, of: (name) => ({ address: addressOf(name), file, name }) };
}
