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
  return mechtrons.map((one) => {
    const options = JSON.stringify({ ...one, folder, isModel });
    return writeScript(one.name, { maker: "openMechtronFile", options });
  });
}

/** What the components of a world find of a platform. */
export interface PlatformFileOptions {
  readonly file: Pick<AppFile, "mechtrons" | "resources">;
  /** Files and folders of the components. */
  readonly paths: readonly string[];
  readonly cwd: string;
}

/** Writes the script of the components by which those of a world find what they find of a platform. Gives its path. */
export function writePlatformFile({ file: { mechtrons, resources }, ...rest }: PlatformFileOptions): string {
  const options = JSON.stringify({ ...rest, file: { mechtrons, resources } });
  return writeScript("platform", { maker: "worldPlatform", options });
}

/** Writes a script that exports what one of `@orrery/platform/mechtron-file` makes. */
function writeScript(name: string, { maker, options }: { readonly maker: string; readonly options: string }): string {
  const place = join(tmpdir(), `orrery-${userInfo().uid}`, "mechtrons");
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const platform = JSON.stringify(import.meta.resolve("@orrery/platform/mechtron-file"));
  const text = `import { ${maker} } from ${platform};\n\nexport default await ${maker}(${options});\n`;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const file = join(place, `${name}-${hash}.mjs`);
  writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file); // Another run may read it.
  return file;
}
