import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SuperviseSpec } from "@orrery/mesh/supervise";
import type { AppRelease } from "./app-release.ts";
import { isSameSize } from "./app-sizes.ts";
import { replaceFile } from "./system-replace-file.ts";

/** What is known of an app over a crash. */
export interface AppRecord {
  readonly app: string;
  readonly release: AppRelease;
  readonly spec: SuperviseSpec;
}

/** Name of the file that says what runs. */
export const RECORD = "record.json";
/** Name of the same file of an app that rests. */
export const RESTING = "resting.json";

/** What is on record in a folder. */
export function readRecord(home: string, name = RECORD): AppRecord | undefined {
  const file = join(home, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as AppRecord) : undefined;
}

/** Puts on record what takes calls, but for its secrets. */
export function writeRecord(home: string, record: AppRecord): void {
  replaceFile(join(home, RECORD), JSON.stringify({ ...record, release: { ...record.release, secrets: {} } }));
}

/** Whether one would run as the other does. */
export function isSameRun(one: AppRelease | undefined, other: AppRelease): boolean {
  return one !== undefined && one.id === other.id && isSameSize(one.file, other.file);
}

/** What code may import that a release does not bring, where that lies beside it. */
export function lentTo({ folder, whole = folder }: AppRelease): readonly string[] {
  const lent = join(dirname(whole), "node_modules");
  return existsSync(lent) ? [lent] : [];
}
