import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { OrreryError } from "@orrery/core";
import type { AppFile } from "@orrery/platform";
import { writeMechtronFiles, writePlatformFile } from "./write-mechtron-files.ts";

/** What the words of a command mean, files of apps read. */
export interface ExpandedPaths {
  /** Files and folders of components. */
  readonly paths: readonly string[];
  /** Copies by component, as the files say. */
  readonly instances: ReadonlyMap<string, number>;
  /** Variables, as the files say. */
  readonly env: Readonly<Record<string, string>>;
  /** The files of apps, and of the code of mechtrons, absolute. */
  readonly files: readonly string[];
  /** The files of apps, absolute. */
  readonly apps: readonly string[];
  /** What apps require and do not have made, each with its file. */
  readonly lacks: readonly string[];
  /** What apps find of a platform; undefined where they need nothing of it. */
  readonly platform: WantedPlatform | undefined;
  /** Files whose components share a node of a world, by the name of the node. */
  readonly together: Readonly<Record<string, string>>;
  /** Names of mechtrons of which there is one instance, for they remember. */
  readonly alone: readonly string[];
}

/** What stands for a platform. */
export interface WantedPlatform {
  /** All apps together. */
  readonly file: Pick<AppFile, "mechtrons" | "resources">;
  /** Folder of what they keep. */
  readonly folder: string;
}

/** What words are expanded by. */
export interface ExpandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether all of it runs in a world. Default: false. */
  readonly isModel?: boolean;
}

/** Name of the file that says what an app is, as `@orrery/platform` has it, which is loaded where there is one. */
const APP_FILE = "orrery.yaml";

/**
 * Puts the components of an app in the place of its `orrery.yaml`, or of the folder that has one. Words without one stay as they are.
 * @throws OrreryError as `parseAppFile`; `failed_precondition` where a secret is not in the environment
 */
export async function expandApps(
  words: readonly string[],
  { cwd, env, isModel = false }: ExpandOptions,
): Promise<ExpandedPaths> {
  const paths: string[] = [];
  const instances = new Map<string, number>();
  const files: string[] = [];
  const alone: string[] = [];
  const apps: string[] = [];
  const lacks: string[] = [];
  const places: string[] = [];
  const read: AppFile[] = [];
  const variables: Record<string, string> = {};
  for (const word of words) {
    const file = appFileOf(resolve(cwd, word));
    if (file === undefined) {
      paths.push(word);
      continue;
    }
    const shown = relative(cwd, file) || file;
    const { LOCAL_APP, LOCAL_SPACE } = await import("@orrery/platform");
    const { parseAppFile } = await import("@orrery/platform/app-file");
    const app = parseAppFile(readFileSync(file, "utf8"), { file: shown, in: LOCAL_SPACE, app: LOCAL_APP });
    const missing = Object.keys(app.secrets).find((name) => env[name] === undefined);
    if (missing !== undefined)
      throw new OrreryError(
        "failed_precondition",
        `Cannot run "${shown}": its secret ${missing} is missing, set it in the environment`,
      );
    if (app.components.length === 0 && app.mechtrons.length === 0)
      throw new OrreryError("failed_precondition", `Cannot run "${shown}": it names no components, add some`);
    files.push(file);
    apps.push(file);
    if (app.requires.length > 0) lacks.push(`"${shown}" requires ${app.requires.join(", ")}`);
    for (const part of app.components) {
      const { name, instances: count } = part;
      const place = relative(cwd, await placeOf(part, { file, isModel })) || ".";
      if (!paths.includes(place)) paths.push(place);
      places.push(place);
      if (count !== undefined) instances.set(name, typeof count === "number" ? count : count.min);
    }
    for (const path of writeMechtronFiles(app.mechtrons, { folder: dirname(file), isModel }))
      paths.push(relative(cwd, path));
    files.push(...app.mechtrons.map(({ path }) => join(dirname(file), path)));
    alone.push(...app.mechtrons.filter(({ persist }) => persist !== undefined).map(({ name }) => name));
    read.push(app);
    Object.assign(variables, app.env);
  }
  const platform = await platformOf(read, apps);
  const together: Record<string, string> = {};
  if (platform !== undefined && isModel) {
    const file = relative(cwd, writePlatformFile({ file: platform.file, paths: places, cwd }));
    paths.push(file);
    together[PLATFORM_NODE] = file;
  }
  return { paths, instances, env: variables, files, apps, lacks, alone, platform, together };
}

/** Where the code of a component lies; of a foreign program, that of what stands for it. */
async function placeOf(
  part: AppFile["components"][number],
  { file, isModel }: { readonly file: string; readonly isModel: boolean },
): Promise<string> {
  const folder = dirname(file);
  if (part.foreign === undefined) return join(folder, part.path);
  if (isModel)
    throw new OrreryError(
      "failed_precondition",
      `Cannot run "${part.name}" under a clock: it is a foreign program, whose time is its own, put a component in its place`,
    );
  const { writeForeignFile } = await import("@orrery/platform");
  return (await writeForeignFile(part, { folder, into: join(folder, ".orrery", "foreign") })).path;
}

/** Name of the node of a world at which apps find what they find of a platform. */
const PLATFORM_NODE = "orrery.platform";
/** Where resources are kept, from the folder of the first app. */
const KEPT = ".orrery/resources";

async function platformOf(read: readonly AppFile[], apps: readonly string[]): Promise<WantedPlatform | undefined> {
  const [first] = apps;
  if (first === undefined) return undefined;
  const { needsPlatform } = await import("@orrery/platform");
  if (!read.some(needsPlatform)) return undefined;
  const [mechtrons, resources] = [read.flatMap((one) => one.mechtrons), read.flatMap((one) => one.resources)];
  return { file: { mechtrons, resources }, folder: join(dirname(first), KEPT) };
}

/** Sets variables that the environment does not have: who starts a command has the last word. */
export function setMissing(env: Readonly<Record<string, string>>, into: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(env)) into[name] ??= value;
}

function appFileOf(path: string): string | undefined {
  const file = basename(path) === APP_FILE ? path : join(path, APP_FILE);
  const isThere = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return isThere ? file : undefined;
}
