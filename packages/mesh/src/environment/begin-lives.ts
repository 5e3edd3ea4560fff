import { OrreryError } from "@orrery/core";
import type { LaunchOptions } from "../app.ts";
import { assertEnvironments, checkPaths } from "./check-paths.ts";
import type { Life } from "./life.ts";
import { folderOf } from "./read-manifest.ts";

/** Lives of the folders of one launch, all of them checked. */
export interface Lives {
  /** A life of its own for one process of what is at a path; undefined where there is no manifest. */
  of(path: string): Life | undefined;
  /** One life of each folder, in the order of the paths. */
  all(): readonly Life[];
}

type LivesOptions = Pick<LaunchOptions, "paths" | "cwd" | "onLife">;

/**
 * Checks all folders of a launch.
 * @throws OrreryError `invalid_argument` for a manifest that cannot be read, `failed_precondition` with a line for each thing that is missing
 */
export async function createLives({ paths, cwd, onLife }: LivesOptions): Promise<Lives> {
  const checked = await checkPaths(paths, { cwd, onLife });
  if (checked.length === 0) return { of: () => undefined, all: () => [] };
  assertEnvironments(checked, cwd);
  const { createLife } = await import("./life.ts");
  const makers = new Map(checked.map((one) => [one.folder, () => createLife({ ...one, tell: onLife })]));
  return { of: (path) => makers.get(folderOf(path, cwd))?.(), all: () => [...makers.values()].map((make) => make()) };
}

/**
 * Checks all folders of a launch and begins one life of each, one after another.
 * @throws OrreryError as `createLives`, and `failed_precondition` when a command fails; what had begun has ended again then
 */
export async function beginLives(options: LivesOptions): Promise<{ end(): Promise<void> }> {
  const lives = (await createLives(options)).all();
  const end = async () => {
    for (const life of lives.toReversed()) await life.end();
  };
  for (const life of lives) {
    const missing = await life.begin();
    if (missing === "") continue;
    await end();
    throw new OrreryError("failed_precondition", `Cannot start: ${missing}`);
  }
  return { end };
}
