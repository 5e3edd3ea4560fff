import { dirname, join, relative, resolve } from "node:path";
import { OrreryError } from "@orrery/core";
import { systemFiles } from "../system-files.ts";
import type { ComponentFolder } from "./check-environment.ts";

/** Name of the file that says what the components of a folder need. */
export const MANIFEST_FILE = "component.yaml";

/**
 * Reads the manifest of a folder, or of the folder that a file is in; undefined where there is none. What reads YAML is loaded only where there
 * is some.
 * @throws OrreryError `invalid_argument` as `parseManifest`
 */
export async function readManifest(path: string, cwd: string): Promise<ComponentFolder | undefined> {
  const folder = folderOf(path, cwd);
  const file = join(folder, MANIFEST_FILE);
  if (!systemFiles().existsSync(file)) return undefined;
  const name = relative(cwd, file);
  const { parseManifest } = await import("./parse-manifest.ts");
  return { folder, manifest: parseManifest(readText(file, name), { file: name }) };
}

/** The folder whose manifest speaks for a path: itself, or the one that the file is in. */
export function folderOf(path: string, cwd: string): string {
  const whole = resolve(cwd, path);
  return systemFiles().statSync(whole, { throwIfNoEntry: false })?.isDirectory() === true ? whole : dirname(whole);
}

function readText(file: string, name: string): string {
  try {
    return systemFiles().readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OrreryError("invalid_argument", `Cannot read "${name}": ${code}, make it a file that can be read`, {
      cause,
    });
  }
}
