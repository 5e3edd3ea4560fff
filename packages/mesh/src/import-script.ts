import { pathToFileURL } from "node:url";
import { OrreryError } from "@orrery/core";
import { findComponentFiles } from "./find-component-files.ts";
import { loadFailure } from "./load-failure.ts";

/** Exports of a script, by name. */
export type ScriptExports = Readonly<Record<string, unknown>>;

/** A script that was loaded. */
export interface ImportedScript {
  /** Absolute path. */
  readonly file: string;
  readonly exports: ScriptExports;
}

/**
 * Loads one script of TypeScript or JavaScript that somebody has named.
 * @throws OrreryError `not_found` when there is no such file, `invalid_argument` for a folder, another kind of file, and one that cannot be
 * loaded, with `file:line` where that is known
 */
export async function importScript(path: string, { cwd }: { readonly cwd: string }): Promise<ImportedScript> {
  const { isFolder, files } = await findComponentFiles(path, cwd);
  const [file = ""] = files;
  if (isFolder)
    throw new OrreryError("invalid_argument", `Cannot run "${path}": it is a folder, name one of its files`);
  return { file, exports: await importFile(file, cwd) };
}

/** Loads a file; what its import throws is told to people. */
export async function importFile(file: string, cwd: string): Promise<ScriptExports> {
  try {
    return (await import(pathToFileURL(file).href)) as ScriptExports;
  } catch (cause) {
    throw loadFailure(cause, { file, cwd });
  }
}
