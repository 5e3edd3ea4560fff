import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { APP_FILE, parseAppFile } from "@orrery/platform/app-file";
import type { FileToPack } from "@orrery/registry/bundles";
import { CommandError, EXIT, typed } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import { findImports } from "./find-imports.ts";
import { createIgnoreRules, type IgnoreRules } from "./ignore-rules.ts";
import { DEPLOY_BYTES_MAX, DEPLOY_FILES_MAX, LARGEST_NAMED } from "./limits.ts";

/** What a folder has that is sent to run. */
export interface CollectedFiles {
  readonly files: readonly FileToPack[];
  /** Where the app's file is among them, such as `/shop/orrery.yaml`. */
  readonly config: string;
}

/**
 * Collects what an app needs to run: the files of its folder but those that ignore files name, and what its scripts import from elsewhere in its
 * repository and from `node_modules`. Nothing is sent.
 * @throws CommandError where there is no `orrery.yaml`, a mistake in it, or too much
 */
export async function collectFiles(folder: string, shown: string): Promise<CollectedFiles> {
  const file = join(folder, APP_FILE);
  if (!existsSync(file)) throw noAppFile(folder, shown);
  const name = join(shown, APP_FILE);
  const app = await typed(() => parseAppFile(readFileSync(file, "utf8"), { file: name }));
  const own = ownFiles(folder, shown);
  const scripts = app.components.flatMap(({ path }) => scriptsAt(join(folder, path)));
  const found = findImports({ top: topOf(folder), scripts });
  // Paths begin at the folder, or where the nearest folder is that holds all of it.
  const base = commonFolder(folder, found, topOf(folder));
  const files = new Map<string, string>();
  for (const from of own) files.set(join("/", relative(base, from)), from);
  for (const { path, from } of found) files.set(join("/", relative(base, join(topOf(folder), path))), from);
  assertFits(files, shown);
  const packed = [...files].map(([path, from]) => ({ path, from }));
  return { files: packed, config: join("/", relative(base, file)) };
}

function noAppFile(folder: string, shown: string): CommandError {
  const script = readdirSync(folder)
    .filter((name) => /\.[cm]?[jt]s$/.test(name) && !/\.(test|sim|d)\.[cm]?ts$/.test(name))
    .find((name) => readFileSync(join(folder, name), "utf8").includes("defineComponent"));
  const example = script ?? "main.ts";
  return new CommandError(
    `Cannot run "${shown}": it has no ${APP_FILE}, write one that says what the app is made of, such as "components: { ${example.replace(/\..*$/, "")}: ${example} }"`,
    { exit: EXIT.usage },
  );
}

/** The repository or the workspace that a folder is in, else the folder. */
function topOf(folder: string): string {
  for (let one = folder; ; one = dirname(one)) {
    if (existsSync(join(one, ".git")) || isWorkspace(one)) return one;
    if (one === dirname(one)) return folder;
  }
}

function isWorkspace(folder: string): boolean {
  if (existsSync(join(folder, "pnpm-workspace.yaml"))) return true;
  const file = join(folder, "package.json");
  return existsSync(file) && readFileSync(file, "utf8").includes('"workspaces"');
}

function ownFiles(folder: string, shown: string): readonly string[] {
  const files: string[] = [];
  const visit = (path: string, rules: IgnoreRules) => {
    const own = rules.at(path);
    for (const name of readdirSync(path).sort()) {
      const inside = join(path, name);
      const isFolder = lstatSync(inside).isDirectory();
      if (own.ignores(inside, isFolder)) continue;
      if (isFolder) visit(inside, own);
      else files.push(inside);
      if (files.length > DEPLOY_FILES_MAX)
        throw new CommandError(
          `Cannot run "${shown}": it has more than ${DEPLOY_FILES_MAX} files, name in .orreryignore what need not be sent, such as ${relative(folder, path) || "."}`,
        );
    }
  };
  visit(folder, rulesAbove(folder));
  return files;
}

/** What the ignore files say of the folders between the top and a folder. */
function rulesAbove(folder: string): IgnoreRules {
  const top = topOf(folder);
  let rules = createIgnoreRules(top);
  const steps = relative(top, folder)
    .split("/")
    .filter((one) => one !== "");
  let at = top;
  for (const step of steps) {
    rules = rules.at(at);
    at = join(at, step);
  }
  return rules;
}

function scriptsAt(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) return [path];
  return found === undefined ? [] : readdirSync(path).map((name) => join(path, name));
}

function commonFolder(folder: string, found: readonly FileToPack[], top: string): string {
  let base = folder;
  for (const { path } of found) while (relative(base, join(top, path)).startsWith("..")) base = dirname(base);
  return base;
}

function assertFits(files: ReadonlyMap<string, string>, shown: string): void {
  const sizes = [...files].map(([path, from]) => ({ path: path.slice(1), bytes: lstatSync(from).size }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= DEPLOY_BYTES_MAX && files.size <= DEPLOY_FILES_MAX) return;
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST_NAMED);
  const named = largest.map(({ path, bytes }) => `${path} (${formatBytes(bytes)})`).join(", ");
  const what =
    total > DEPLOY_BYTES_MAX
      ? `its files have ${formatBytes(total)}, and may have ${formatBytes(DEPLOY_BYTES_MAX)}`
      : `it has ${files.size} files with what it imports, and may have ${DEPLOY_FILES_MAX}`;
  throw new CommandError(
    `Cannot run "${shown}": ${what}, name in .orreryignore what need not be sent: the largest are ${named}`,
  );
}
