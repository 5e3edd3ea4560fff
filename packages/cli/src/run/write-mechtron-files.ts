import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { AppFile } from "@orrery/platform";

/** Where the mechtrons of an app are, and how they run. */
export interface MechtronFilesOptions {
  /** Folder of the app's file. */
  readonly folder: string;
  /** Whether they run in a world. */
  readonly isModel: boolean;
}

/** Writes a script for each mechtron that makes a component of it, as every process of a run loads components from files. Gives their paths. */
export function writeMechtronFiles(
  mechtrons: AppFile["mechtrons"],
  { folder, isModel }: MechtronFilesOptions,
): readonly string[] {
  if (mechtrons.length === 0) return [];
  const place = join(tmpdir(), `orrery-${userInfo().uid}`, "mechtrons");
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const platform = import.meta.resolve("@orrery/platform/mechtron-file");
  return mechtrons.map((one) => {
    const others = mechtrons.filter((other) => other !== one).map(({ name, methods }) => ({ name, methods }));
    const options = JSON.stringify({ ...one, folder, others, isModel });
    const text = `import { openMechtronFile } from ${JSON.stringify(platform)};\n\nexport default await openMechtronFile(${options});\n`;
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
    const file = join(place, `${one.name}-${hash}.mjs`);
    writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file); // Another run may read it.
    return file;
  });
}
