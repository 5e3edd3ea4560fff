import { readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { type Component, createSystemClock, createSystemRandom } from "@orrery/core";
import { createModelCage } from "../cage/model-cage.ts";
import { createCage } from "../cage/system-cage.ts";
import { type MechtronInFile, mechtronInFile } from "./mechtron-in-file.ts";
import { openSoleFiles } from "./system-mechtron-states.ts";

/** A mechtron of an `orrery.yaml`, and where it is. */
export interface MechtronFileOptions extends MechtronInFile {
  /** Folder of the app's file: what the mechtron reads as artifacts lies there. */
  readonly folder: string;
  /** Whether it runs in a world, under the world's clock and without threads. */
  readonly isModel: boolean;
}

/**
 * Makes a component of a mechtron, in a cage of its own. One that remembers has files in `.orrery/state` of the app's folder where it is to, but in
 * a world, where all is forgotten at the end.
 * @throws OrreryError `invalid_argument` for code or limits that cannot be accepted
 */
export async function openMechtronFile({ folder, isModel, ...options }: MechtronFileOptions): Promise<Component> {
  const { name, persist } = options;
  const sources = { clock: createSystemClock(), random: createSystemRandom() };
  const cage = isModel ? await createModelCage(sources) : createCage(sources);
  return mechtronInFile(
    { ...options, persist: persist !== undefined && isModel ? "None" : persist },
    {
      cage,
      code: readFileSync(join(folder, options.path)),
      artifact: (path) => readInside(folder, path),
      openFiles: ({ clock }) => openSoleFiles({ name, clock, folder: join(folder, STATE_FOLDER, name) }),
    },
  );
}

/** Where mechtrons remember that run without a platform, from the folder of their app's file. */
const STATE_FOLDER = ".orrery/state";

/** Reads a file of a folder, or of one in it; undefined for what is not there. */
export function readInside(folder: string, path: string): Uint8Array | undefined {
  const file = join(folder, path);
  const inside = relative(folder, file);
  if (inside.startsWith("..") || isAbsolute(inside)) return undefined;
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
