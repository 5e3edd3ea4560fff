import { extname, join, resolve } from "node:path";
import { OrreryError } from "@orrery/core";
import { importedFiles } from "../imported-files.ts";
import { systemFiles } from "../system-files.ts";
import { RELEASE_FILES_MAX } from "./limits.ts";
import { COMPONENT_NAME } from "./release.ts";

/** A component as a folder holds it. */
export interface FoundEntry {
  readonly name: string;
  /** Absolute path of its file or folder. */
  readonly path: string;
  /** Absolute paths of its own files and of all that they import by relative paths, in order. */
  readonly files: readonly string[];
}

const SCRIPTS: ReadonlySet<string> = new Set([".ts", ".mts", ".js", ".mjs"]);
const NO_PART = /^\.|^node_modules$|\.(test|spec)\.[cm]?[jt]s$/;
const NO_COMPONENT = /\.(config|sim)\.[cm]?[jt]s$|\.d\.[cm]?ts$/;

/**
 * Finds the components of a folder: each script in it, and each folder with scripts. One that others import and that defines no component is
 * part of them. What is imported from outside the folder by relative paths belongs to a component, too; packages do not.
 * @throws OrreryError `invalid_argument` for names that are taken twice or cannot be, `not_found` when there is no such folder.
 */
export function scanFolder(folder: string): readonly FoundEntry[] {
  const root = resolve(folder);
  const entries = candidates(root).map(({ name, path, own }) => ({ name, path, own, files: withImports(own) }));
  const parts = entries.filter(
    (one) =>
      !one.own.some(definesComponent) &&
      entries.some((other) => other !== one && one.own.some((file) => other.files.includes(file))),
  );
  const found = entries.filter((one) => !parts.includes(one));
  for (const [index, { name, path, files }] of found.entries()) {
    const twin = found.findIndex((other) => other.name === name);
    if (twin !== index) throw unfit(path, `component "${name}" is also at "${found[twin]?.path}", rename one of them`);
    if (!COMPONENT_NAME.test(name))
      throw unfit(path, `"${name}" is no name for a component, write up to 48 letters, digits, dashes and _`);
    if (files.length > RELEASE_FILES_MAX)
      throw unfit(path, `it has ${files.length} files, the limit is ${RELEASE_FILES_MAX}`);
  }
  return found.map(({ name, path, files }) => ({ name, path, files }));
}

function candidates(root: string): readonly { name: string; path: string; own: readonly string[] }[] {
  if (systemFiles().statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const text = `Cannot read components from "${root}": there is no such folder, make it, with a file or folder for each component`;
    throw new OrreryError("not_found", text);
  }
  return list(root).flatMap(({ name, isFolder }) => {
    const path = join(root, name);
    if (isFolder) {
      const own = filesOf(path);
      const hasScripts = list(path).some((entry) => !entry.isFolder && isScript(entry.name));
      return hasScripts ? [{ name, path, own }] : [];
    }
    return isScript(name) ? [{ name: name.slice(0, -extname(name).length), path, own: [path] }] : [];
  });
}

/** All files of a folder, without tests, hidden files and installed packages. */
function filesOf(folder: string): readonly string[] {
  const found: string[] = [];
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined && found.length <= RELEASE_FILES_MAX; next = waiting.pop())
    for (const { name, isFolder } of list(next)) (isFolder ? waiting : found).push(join(next, name));
  return found.sort();
}

function list(folder: string): readonly { name: string; isFolder: boolean }[] {
  const files = systemFiles();
  return files
    .readdirSync(folder)
    .filter((name) => !NO_PART.test(name))
    .sort()
    .flatMap((name) => {
      const stat = files.statSync(join(folder, name), { throwIfNoEntry: false });
      return stat?.isDirectory() === true || stat?.isFile() === true ? [{ name, isFolder: stat.isDirectory() }] : [];
    });
}

function withImports(own: readonly string[]): readonly string[] {
  const imported = importedFiles(own.filter(isScript), { filesMax: RELEASE_FILES_MAX + 1 });
  return [...new Set([...own, ...imported])].sort();
}

function isScript(name: string): boolean {
  return SCRIPTS.has(extname(name)) && !NO_COMPONENT.test(name);
}

function definesComponent(file: string): boolean {
  return isScript(file) && systemFiles().readFileSync(file, "utf8").includes("defineComponent");
}

function unfit(path: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot read component "${path}": ${why}`);
}

/** A text that changes whenever a file of the folder, or one that its components import, is written, made or taken away. */
export function folderStamp(folder: string, more: readonly string[]): string {
  const files = systemFiles();
  const root = resolve(folder);
  const all = new Set([...(files.existsSync(root) ? filesOf(root) : []), ...more]);
  const stamps = [...all].map((path) => {
    const stat = files.statSync(path, { throwIfNoEntry: false });
    return `${path} ${stat?.mtimeMs} ${stat?.size} ${stat?.ino}`;
  });
  return stamps.join("\n");
}
