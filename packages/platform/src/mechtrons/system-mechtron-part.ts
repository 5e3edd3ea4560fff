import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import type { BackupPart, PartFile } from "@orrery/registry/upkeep";
import { stateFile } from "../stateful/read-state-files.ts";
import type { HeldState, MechtronStates } from "./mechtron-states.ts";
import { STATE_FOLDER, statesAtRest } from "./system-mechtron-states.ts";

/** Where what mechtrons remember lies, in the folder of apps. */
export const STATES = "state";
/** Where what they watch lies. */
export const WATCHES = "watches";

/** The part of backups that mechtrons are. */
const PART = "mechtrons";

/** Makes the part of a folder whose mechtrons run. */
export function createMechtronPart(folder: string, states: Pick<MechtronStates, "hold">): BackupPart {
  return {
    name: PART,
    hold: async () => {
      const held = await states.hold();
      try {
        // Afterwards, so that no watch has told of more than a mechtron remembers.
        return { files: [...stateFiles(held.states), ...(await watchFiles(folder))], release: held.release };
      } catch (error) {
        held.release();
        throw error;
      }
    },
  };
}

/** What a backup has of apps in the folder of `openApps`, over which no platform runs: what mechtrons remember, and what they watch. */
export function appsAtRest(folder: string): BackupPart {
  return {
    name: PART,
    hold: async () => {
      const files = [...stateFiles(await statesAtRest(join(folder, STATES))), ...(await watchFiles(folder))];
      return { files, release: () => undefined };
    },
  };
}

const FILE = /^mechtrons\/([0-9a-f]{32})\.(state|watches)$/;

/**
 * Brings back a file of a backup of apps, for the next `openApps` over the folder.
 * @throws OrreryError `data_loss` for a file of something else
 */
export async function restoreAppsFile(
  folder: string,
  { name, content }: { readonly name: string; readonly content: AsyncIterable<Uint8Array> },
): Promise<void> {
  const [, whose = "", what] = FILE.exec(name) ?? [];
  if (what === undefined)
    throw new OrreryError(
      "data_loss",
      `Cannot restore the backup: nobody knows what "${name}" is, use a newer version`,
    );
  const place = what === "state" ? join(folder, STATES, whose) : join(folder, WATCHES);
  await mkdir(place, { recursive: true, mode: 0o700 });
  const file = await open(join(place, what === "state" ? stateFile(1) : whose), "wx", 0o600);
  try {
    for await (const piece of content) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

function stateFiles(states: readonly HeldState[]): readonly PartFile[] {
  return states.map(({ folder, read }) => ({ name: `${folder}.state`, read }));
}

async function watchFiles(folder: string): Promise<readonly PartFile[]> {
  const place = join(folder, WATCHES);
  const found = existsSync(place) ? await readdir(place) : [];
  const names = found.filter((name) => STATE_FOLDER.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(place, name)).catch(() => undefined); // Its mechtron may have gone.
      return { name: `${name}.watches`, read: async () => content };
    }),
  );
}
