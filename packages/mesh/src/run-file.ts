import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Directory } from "@orrery/core";
import { RUN_FILES_MAX } from "./limits.ts";
import { parseDirectory, printDirectory } from "./parse-directory.ts";
import { isAlive, ownPid } from "./system-process.ts";

const FOLDER = join(".orrery", "run");
const NAME = /^(\d+)\.directory$/;

/** Begins the line that names the key file. */
const KEYS = "# keys: ";

/** An application that runs, as its run file tells it. */
export interface RunningApp {
  readonly file: string;
  /** Process that wrote the file. */
  readonly pid: number;
  readonly directory: Directory;
  /** File of the secret key by which commands of this project may reach it, where connections are encrypted. */
  readonly keys?: string;
}

/** The run file of this process. */
export interface RunFile {
  readonly file: string;
  /** Writes anew where components are. */
  update(directory: Directory): void;
  /** Takes the file away, and its folders when they are empty. */
  remove(): void;
}

/** Folder of the project that a folder is in: the nearest with a package.json or a `.orrery`, else the folder itself. */
export function findProject(cwd: string): string {
  const found = ancestors(cwd).find((folder) =>
    ["package.json", ".orrery"].some((name) => existsSync(join(folder, name))),
  );
  return found ?? resolve(cwd);
}

/**
 * Writes where this process's components are, so that commands typed in the same project find them. Only the user may read it.
 * The file is a static directory, named by process id; one whose process is gone counts for nothing. `keys` names a key file, never a key.
 */
export function writeRunFile(project: string, directory: Directory, { keys }: Pick<RunningApp, "keys"> = {}): RunFile {
  const folder = join(project, FOLDER);
  const file = join(folder, `${ownPid()}.directory`);
  const head = `# Where the components of process ${ownPid()} are, written by "orrery run" while it runs.\n${keys === undefined ? "" : `${KEYS}${keys}\n`}`;
  const update = (next: Directory) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, head + printDirectory(next), { mode: 0o600 });
    renameSync(`${file}.new`, file); // Whoever reads sees the old or the new, never half of one.
  };
  removeStale(folder);
  update(directory);
  return { file, update, remove: () => removeAll(file, folder) };
}

/**
 * Lists the applications that run in the project of a folder, the newest first; if none, those of the folders around it.
 * A file that cannot be read as a directory counts for nothing.
 */
export function readRunFiles(cwd: string): readonly RunningApp[] {
  for (const folder of ancestors(cwd)) {
    const running = readFolder(join(folder, FOLDER));
    if (running.length > 0) return running;
  }
  return [];
}

function readFolder(folder: string): readonly RunningApp[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .flatMap((name) => {
      const pid = Number(NAME.exec(name)?.[1] ?? 0);
      return pid > 0 && isAlive(pid) ? [{ file: join(folder, name), pid }] : [];
    })
    .map((found) => ({ ...found, writtenMs: modifiedMs(found.file) }))
    .sort((a, b) => b.writtenMs - a.writtenMs || b.pid - a.pid);
  return files.slice(0, RUN_FILES_MAX).flatMap(({ file, pid }) => {
    const read = readQuietly(file);
    return read === undefined ? [] : [{ file, pid, ...read }];
  });
}

/** Takes away what processes left that were killed. */
function removeStale(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = Number(NAME.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) rmSync(join(folder, name), { force: true });
  }
}

function readQuietly(file: string): Pick<RunningApp, "directory" | "keys"> | undefined {
  try {
    const text = readFileSync(file, "utf8");
    const keys = text.split("\n").find((line) => line.startsWith(KEYS));
    return { directory: parseDirectory(text, { file }), ...(keys && { keys: keys.slice(KEYS.length) }) };
  } catch {
    return undefined; // It is being taken away, or somebody else wrote it.
  }
}

function modifiedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function removeAll(file: string, folder: string): void {
  rmSync(file, { force: true });
  rmSync(`${file}.new`, { force: true });
  for (const empty of [folder, dirname(folder)]) {
    try {
      rmdirSync(empty);
    } catch {
      return; // Another application runs here, or somebody keeps things in it.
    }
  }
}

function ancestors(cwd: string): readonly string[] {
  const folders = [resolve(cwd)];
  for (let folder = dirname(folders[0] ?? ""); folder !== folders.at(-1); folder = dirname(folder))
    folders.push(folder);
  return folders;
}
