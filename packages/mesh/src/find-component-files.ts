import type { Stats } from "node:fs";
import { extname, join, resolve } from "node:path";
import { OrreryError } from "@orrery/core";
import { MANIFEST_FILE, readManifest } from "./environment/read-manifest.ts";
import { FOLDER_FILES_MAX } from "./limits.ts";
import { systemFiles } from "./system-files.ts";

const EXTENSIONS: ReadonlySet<string> = new Set([".ts", ".mts", ".js", ".mjs"]);
const NOT_A_COMPONENT = /(^\.)|\.(test|spec|config|sim)\.[cm]?[jt]s$|\.d\.[cm]?ts$/;
const INDEX = /^index\.[cm]?[jt]s$/;

/** A path that was named, and the files that may hold its components. */
export interface ComponentPath {
  /** As it was named. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Absolute paths: the file itself, or those of the folder, its index first, then by name. */
  readonly files: readonly string[];
}

/**
 * Finds the files behind a path: a file is itself; a folder is every script directly in it, without tests, scenarios (`x.sim.ts`), type
 * declarations, configurations and hidden files; or what its `component.yaml` names as `main`. No manifest is needed.
 * @throws OrreryError `not_found` when there is no such path or nothing to load in it, `invalid_argument` for another kind of file, and for a
 * manifest that cannot be read.
 */
export async function findComponentFiles(path: string, cwd: string): Promise<ComponentPath> {
  const absolute = resolve(cwd, path);
  const found = lookAt(absolute);
  if (found === undefined)
    throw new OrreryError("not_found", `Cannot run "${path}": there is no such file or folder in "${cwd}"`);
  if (found.isDirectory()) {
    const main = (await readManifest(path, cwd))?.manifest.main;
    return { path, isFolder: true, files: main === undefined ? filesOf(absolute, path) : [mainOf(absolute, main)] };
  }
  if (EXTENSIONS.has(extname(absolute))) return { path, isFolder: false, files: [absolute] };
  throw new OrreryError(
    "invalid_argument",
    `Cannot run "${path}": it is no script, name a .ts, .mts, .js or .mjs file, or a folder`,
  );
}

function lookAt(path: string): Stats | undefined {
  try {
    return systemFiles().statSync(path);
  } catch {
    return undefined;
  }
}

function mainOf(folder: string, main: string): string {
  const file = resolve(folder, main);
  if (lookAt(file)?.isFile() === true && EXTENSIONS.has(extname(file))) return file;
  const text = `Cannot run "${folder}": its ${MANIFEST_FILE} names "${main}" as main, which is no .ts, .mts, .js or .mjs file there`;
  throw new OrreryError("not_found", text);
}

function filesOf(folder: string, path: string): readonly string[] {
  const entries = systemFiles().readdirSync(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && EXTENSIONS.has(extname(entry.name)) && !NOT_A_COMPONENT.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (names.length === 0) {
    const why = "the folder has no .ts, .mts, .js or .mjs file of its own, name the folder that has";
    throw new OrreryError("not_found", `Cannot run "${path}": ${why}`);
  }
  if (names.length > FOLDER_FILES_MAX) {
    const text = `Cannot run "${path}": the folder has ${names.length} scripts, the limit is ${FOLDER_FILES_MAX}`;
    throw new OrreryError("invalid_argument", text);
  }
  const index = names.filter((name) => INDEX.test(name));
  return [...index, ...names.filter((name) => !INDEX.test(name))].map((name) => join(folder, name));
}
