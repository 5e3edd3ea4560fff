import { mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { OrreryError } from "@orrery/core";
import { generateCode } from "../generate/generate-code.ts";
import { type ProjectTemplate, projectFiles } from "./project-files.ts";

/** What to make, and where. */
export interface CreateProjectOptions {
  /** Name of the project and of its folder. */
  readonly name: string;
  /** Folder that the project's folder is made in. */
  readonly parent: string;
  /** How the first component's contract is written. Default: json. */
  readonly template?: ProjectTemplate;
  /** Whether the project brings its own Node, because the machine's is older than 24. Default: false. */
  readonly bringRuntime?: boolean;
}

/** What was made. */
export interface CreateProjectResult {
  readonly folder: string;
  /** Paths of the files, relative to the folder. */
  readonly files: readonly string[];
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const NAME_LENGTH_MAX = 100;
const RESERVED: ReadonlySet<string> = new Set(["node", "test", "orrery", "con", "nul", "aux"]);

/**
 * Makes a project with one component that runs, a test of it, and what the type checker needs: all of it, or nothing.
 * @throws OrreryError `invalid_argument` for a bad name, `already_exists` when there is something of that name.
 */
export async function createProject(options: CreateProjectOptions): Promise<CreateProjectResult> {
  const { name, parent, template = "json", bringRuntime = false } = options;
  assertName(name);
  const folder = join(parent, name);
  await assertFree(folder);
  const versionOf = await versions(folder);
  const files = projectFiles({ name, template, versionOf, bringRuntime });
  const draft = await mkdtemp(join(parent, `.${name}-`));
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await writeFile(join(draft, path), text);
    }
    const generated = template === "proto" ? (await generateCode({ folder: join(draft, "proto") })).written : [];
    await rmdir(folder).catch(() => undefined); // An empty folder of that name gives way.
    await rename(draft, folder);
    return { folder, files: [...files.keys(), ...generated.map((file) => `gen/${file}`)].sort() };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

function assertName(name: string): void {
  const say = (why: string) => new OrreryError("invalid_argument", `Cannot make project "${name}": ${why}`);
  if (isAbsolute(name) || name.includes("/") || name.includes("\\") || name.includes("..")) {
    throw say("a name is no path, change to the folder that shall hold it and give the name alone");
  }
  if (!NAME.test(name))
    throw say('a name is lower-case letters and digits, in words joined by "-", such as flight-desk');
  if (name.length > NAME_LENGTH_MAX) throw say(`it has ${name.length} letters, the limit is ${NAME_LENGTH_MAX}`);
  if (RESERVED.has(name)) throw say("that name means something else already, choose another");
}

async function assertFree(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new OrreryError(
      "already_exists",
      `Cannot make project "${basename(folder)}": "${folder}" is there and is no folder`,
      { cause: error },
    );
  });
  if (entries.length === 0) return;
  const text = `Cannot make project "${basename(folder)}": the folder "${folder}" is there and not empty, choose another name or remove it`;
  throw new OrreryError("already_exists", text);
}

/** A checkout links its own packages into the project, so that it works before anything is published. */
async function versions(folder: string): Promise<(packageName: string) => string> {
  const own = packageFolder();
  const { version } = JSON.parse(await readFile(join(own, "package.json"), "utf8")) as { version: string };
  if (own.split(sep).includes("node_modules")) return () => version;
  return (packageName) => `file:${relative(folder, join(dirname(own), packageName))}`;
}

/** The folder of this package, from the source or from what was built of it. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (basename(folder) !== "cli" && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
