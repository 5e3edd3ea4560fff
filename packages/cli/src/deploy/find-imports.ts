import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";
import type { FileToPack } from "@orrery/registry/bundles";
import { usageError } from "../command-error.ts";
import { SCRIPT_BYTES_MAX } from "./limits.ts";

/** Where imports are looked for. */
export interface FindImportsOptions {
  /** What may be sent: the folder of the repository, or of the source. */
  readonly top: string;
  /** Scripts to begin with, absolute. */
  readonly scripts: readonly string[];
}

/** Module names behind `from`, `import` and `require`; one in a comment does no harm, for what is not there is left out. */
const IMPORTS = /\b(?:from|import|require)\s*\(?\s*["']([^"'\n]{1,500})["']/g;
const SCRIPT = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/**
 * Finds what scripts import, and what that imports: files by their paths, and whole packages of `node_modules` with what these depend on.
 * @throws CommandError for a file outside of the top
 */
export function findImports({ top, scripts }: FindImportsOptions): readonly FileToPack[] {
  const found = new Map<string, string>();
  const packages = createPackages(top, found);
  const waiting = [...scripts];
  const seen = new Set(waiting);
  for (let script = waiting.pop(); script !== undefined; script = waiting.pop()) {
    for (const name of importsOf(script)) {
      if (!name.startsWith(".")) {
        packages.add(packageOf(name), { packed: inside(top, dirname(script)), real: dirname(script) });
        continue;
      }
      const file = join(dirname(script), name);
      if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true || seen.has(file)) continue;
      seen.add(file);
      if (relative(top, file).startsWith(".."))
        throw usageError(
          `Cannot send "${relative(top, script)}": it imports "${name}", which is outside of ${top}, where the repository begins: move it there`,
        );
      found.set(inside(top, file), file);
      waiting.push(file);
    }
  }
  return [...found].map(([path, from]) => ({ path, from }));
}

function importsOf(script: string): readonly string[] {
  if (!SCRIPT.test(script) || (statSync(script, { throwIfNoEntry: false })?.size ?? 0) > SCRIPT_BYTES_MAX) return [];
  return [...readFileSync(script, "utf8").matchAll(IMPORTS)].map(([, name = ""]) => name);
}

/** The package that a module name begins with; empty for what the platform brings along. */
function packageOf(name: string): string {
  if (isBuiltin(name) || name.startsWith("/") || /^[a-z]+:/.test(name)) return "";
  const [scope = "", own = ""] = name.split("/");
  if (scope === "@orrery") return "";
  return name.startsWith("@") ? `${scope}/${own}` : scope;
}

/** Where an import stands: in the bundle, and here. */
interface Place {
  readonly packed: string;
  readonly real: string;
}

/** Puts packages where Node finds them, once each where one is enough. */
function createPackages(top: string, files: Map<string, string>) {
  /** Folders here by their places in the bundle. */
  const placed = new Map<string, string>();
  const add = (name: string, from: Place): void => {
    const folder = name === "" ? undefined : findPackage(name, from.real);
    if (folder === undefined) return;
    const real = realpathSync(folder);
    if (foldersAbove(from.packed).some((one) => placed.get(join(one, "node_modules", name)) === real)) return;
    const natural = inside(top, folder);
    const isAbove = foldersAbove(from.packed).some((one) => join(one, "node_modules", name) === natural);
    const packed = isAbove && !placed.has(natural) ? natural : join(from.packed, "node_modules", name);
    placed.set(packed, real);
    for (const path of filesOf(real)) files.set(join(packed, path), join(real, path));
    for (const other of dependenciesOf(real)) add(other, { packed, real });
  };
  return { add };
}

function findPackage(name: string, from: string): string | undefined {
  return foldersAbove(from)
    .map((folder) => join(folder, "node_modules", name))
    .find((folder) => statSync(join(folder, "package.json"), { throwIfNoEntry: false })?.isFile() === true);
}

function foldersAbove(folder: string): readonly string[] {
  const all = [folder];
  for (let one = folder; one !== dirname(one); ) {
    one = dirname(one);
    all.push(one);
  }
  return all;
}

function filesOf(folder: string, below = ""): readonly string[] {
  return readdirSync(join(folder, below)).flatMap((name) => {
    if (name === "node_modules" || name === ".git") return [];
    const path = join(below, name);
    const found = lstatSync(join(folder, path));
    if (found.isDirectory()) return filesOf(folder, path);
    return found.isFile() ? [path] : [];
  });
}

function dependenciesOf(folder: string): readonly string[] {
  const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

/** Where a path from here is in the bundle. */
function inside(top: string, path: string): string {
  return join("/", relative(top, path));
}
