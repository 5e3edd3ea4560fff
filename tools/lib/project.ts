import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Absolute path of the repository's root. */
export const ROOT = dirname(dirname(import.meta.dirname));

/** One file of text; `path` is relative to the root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What the checks read of a `package.json`. */
export interface Manifest {
  /** Path of the `package.json` from the root. */
  readonly path: string;
  /** Folder of the package from the root; "" for the root itself. */
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  /** Subpaths that may be imported, such as "." and "./internal". */
  readonly exports: readonly string[];
  /** Names and versions that shipped code may import. */
  readonly dependencies: ReadonlyMap<string, string>;
  /** Names and versions that only tests and scripts may import. */
  readonly devDependencies: ReadonlyMap<string, string>;
}

/** Everything a check may look at: plain data, so that a test hands it a small false project. */
export interface Project {
  /** TypeScript files without generated ones, sorted by path. */
  readonly files: readonly SourceFile[];
  readonly manifests: readonly Manifest[];
}

const SOURCES = [
  "packages/*/src/**/*.ts",
  "packages/*/zoo/**/*.ts",
  "tools/**/*.ts",
  "tests/**/*.ts",
  "examples/**/*.ts",
  "benchmarks/**/*.ts",
];
const MANIFESTS = [
  "package.json",
  "packages/*/package.json",
  "examples/*/package.json",
  "benchmarks/package.json",
  "tests/package.json",
  "tools/package.json",
];
const LEFT_OUT = /(^|\/)(node_modules|dist|gen|coverage|\.[^/]+)\//;

/** Paths below the root that match the patterns, sorted, without what is generated or installed. */
export function listFiles(patterns: readonly string[], root: string = ROOT): string[] {
  const paths = globSync([...patterns], { cwd: root, exclude: (path) => LEFT_OUT.test(`${path}/`) });
  return paths.filter((path) => !LEFT_OUT.test(path)).sort();
}

/** Paths of all files below a folder, relative to it, sorted; none when there is no such folder. */
export function listTree(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

/** Reads the repository's sources and manifests. */
export function loadProject(root: string = ROOT): Project {
  return { files: listFiles(SOURCES, root).map((path) => readSource(path, root)), manifests: loadManifests(root) };
}

/** Reads every `package.json` of the repository, the root's first. */
export function loadManifests(root: string = ROOT): Manifest[] {
  return listFiles(MANIFESTS, root).map((path) => parseManifest(readSource(path, root)));
}

/** Reads one text file by its path from the root. */
export function readSource(path: string, root: string = ROOT): SourceFile {
  return { path, text: readFileSync(join(root, path), "utf8") };
}

/** Takes from a `package.json` what the checks need. */
export function parseManifest(file: SourceFile): Manifest {
  const json = JSON.parse(file.text) as Record<string, unknown>;
  const table = (key: string): [string, string][] => Object.entries((json[key] ?? {}) as Record<string, string>);
  const folder = dirname(file.path);
  return {
    path: file.path,
    folder: folder === "." ? "" : folder,
    name: String(json["name"]),
    text: file.text,
    exports: Object.keys((json["exports"] ?? {}) as object),
    dependencies: new Map([...table("dependencies"), ...table("optionalDependencies"), ...table("peerDependencies")]),
    devDependencies: new Map(table("devDependencies")),
  };
}

/** The manifest of the package that a file lies in; the root's when it lies in none. */
export function manifestOf(project: Project, path: string): Manifest | undefined {
  const inside = project.manifests.filter(
    (manifest) => manifest.folder === "" || path.startsWith(`${manifest.folder}/`),
  );
  return inside.toSorted((left, right) => right.folder.length - left.folder.length)[0];
}

/** True for a test and for what only tests use: `x.test.ts` and `src/testing/`. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.includes("/testing/");
}
