import { relative } from "node:path";
import { type Component, isComponent, OrreryError } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import { applyManifest } from "./environment/apply-manifest.ts";
import { type ComponentPath, findComponentFiles } from "./find-component-files.ts";
import { importFile } from "./import-script.ts";

/** A component that was loaded from a file. */
export interface LoadedComponent {
  readonly component: Component;
  /** Name of its service. */
  readonly name: string;
  /** Absolute path of the file. */
  readonly file: string;
}

/** Options of the loader. */
export interface LoadOptions {
  /** Folder from which paths are named. */
  readonly cwd: string;
  /** Whether this process is the component's own: the variables of its manifest become the process's then. Default: false. */
  readonly ownsProcess?: boolean;
}

/**
 * Loads the components that files and folders export: as default, by name, or in an array. A folder whose index exports
 * components is what its index says; else every file of it counts, and those that export none are passed over. What the folder's
 * `component.yaml` says of them, name, version, copies, limits and variables, is put in the place of what they say themselves.
 * @throws OrreryError `not_found`, `invalid_argument` when a file has none or cannot be loaded, with `file:line` where that is known,
 * `already_exists` when two files have one component.
 */
export async function loadComponents(
  paths: readonly string[],
  { cwd, ownsProcess = false }: LoadOptions,
): Promise<readonly LoadedComponent[]> {
  const loaded = new Map<string, LoadedComponent>();
  for (const path of paths) {
    const apply = await applyManifest(path, cwd, ownsProcess);
    for (const next of apply(await loadPath(await findComponentFiles(path, cwd), cwd))) {
      const known = loaded.get(next.name);
      if (known?.component.factory === next.component.factory) continue;
      if (known !== undefined) throw twice(next.name, [known.file, next.file], cwd);
      loaded.set(next.name, next);
    }
  }
  return [...loaded.values()];
}

/** Says that two files have a component of one name. */
export function twice(name: string, files: readonly string[], cwd: string): OrreryError {
  const places = [...new Set(files)].map((file) => `"${relative(cwd, file)}"`).join(" and ");
  const text = `Cannot run component "${name}" twice: it is in ${places}, run one of them, with --instances ${name}=2 for copies`;
  return new OrreryError("already_exists", text);
}

async function loadPath({ path, isFolder, files }: ComponentPath, cwd: string): Promise<readonly LoadedComponent[]> {
  const loaded: LoadedComponent[] = [];
  let exported: readonly string[] = [];
  for (const file of files) {
    const module = await importFile(file, cwd);
    exported = exportsOf(module);
    const components = componentsOf(module);
    loaded.push(...components.map((component) => ({ component, file, name: contractOf(component.service).name })));
    if (isFolder && components.length > 0 && /[\\/]index\.[cm]?[jt]s$/.test(file)) break;
  }
  if (loaded.length > 0) return loaded;
  const has = isFolder
    ? `none of its ${files.length} scripts exports a component`
    : `it exports ${exported.length === 0 ? "nothing" : `no component, only ${exported.join(", ")}`}`;
  throw new OrreryError("invalid_argument", `Cannot run "${path}": ${has}, write: export default defineComponent(…)`);
}

/** What a module exports; of CommonJS that says nothing, Node gives an empty default. */
function exportsOf({ default: first, "module.exports": _, ...others }: Readonly<Record<string, unknown>>): string[] {
  const isEmpty =
    first === undefined || (typeof first === "object" && first !== null && Object.keys(first).length === 0);
  return [...(isEmpty ? [] : ["default"]), ...Object.keys(others)];
}

function componentsOf(module: Readonly<Record<string, unknown>>): readonly Component[] {
  const { default: first, ...others } = module;
  const values = [first, ...Object.values(others)].flatMap((value) => (Array.isArray(value) ? value : [value]));
  return [...new Set(values.filter(isComponent))];
}
