import { OrreryError } from "@orrery/core";
import { badPathAt } from "../address/path.ts";
import { BUNDLE_DEPTH_MAX, BUNDLE_ENTRIES_MAX, BUNDLE_PATH_BYTES_MAX } from "./limits.ts";

/** Judges the names of one bundle, one after the other. */
export interface EntryNames {
  /**
   * Takes a file by its path, from `/`.
   * @throws OrreryError `invalid_argument` for a path that may not be, that was taken before, that differs from another by capitals alone,
   * or that is one too many
   */
  addFile(path: string): void;
  /** The directories on the way to the files taken, each ending in `/`. */
  directories(): readonly string[];
}

/** Begins to judge the names of a bundle. */
export function createEntryNames(): EntryNames {
  const files = new Set<string>();
  const directories = new Set<string>();
  /** How each name was written, by how it reads where capitals count for nothing. */
  const written = new Map<string, string>();
  const take = (path: string, of: string) => {
    const folded = path.replace(/\/$/, "").normalize("NFC").toLowerCase();
    const other = written.get(folded);
    if (other !== undefined && other !== path)
      throw refusal(of, `"${other.slice(1)}" differs from it by capitals alone, or is a directory: rename one of them`);
    written.set(folded, path);
  };
  return {
    addFile: (path) => {
      const why = whyNoEntry(path);
      if (why !== undefined) throw refusal(path, why);
      if (files.has(path)) throw refusal(path, "it is there twice");
      for (let slash = path.indexOf("/", 1); slash !== -1; slash = path.indexOf("/", slash + 1)) {
        const directory = path.slice(0, slash + 1);
        if (directories.has(directory)) continue;
        take(directory, path);
        directories.add(directory);
      }
      take(path, path);
      files.add(path);
      if (files.size + directories.size > BUNDLE_ENTRIES_MAX)
        throw refusal(path, `a bundle has up to ${BUNDLE_ENTRIES_MAX} files and directories, make several of it`);
    },
    directories: () => [...directories],
  };
}

/** Says why a path may not be in a bundle. */
function whyNoEntry(path: string): string | undefined {
  if (path.startsWith("//")) return "an absolute path would lead out of the bundle";
  const bad = badPathAt(path);
  if (bad !== undefined) return bad.why;
  if (path.endsWith("/")) return "a file's name does not end in /";
  if (path.includes("\\")) return 'a name with "\\" means another file elsewhere: rename it';
  if (path.includes("\ufffd")) return "its name is not UTF-8: rename it";
  if (Buffer.byteLength(path) > BUNDLE_PATH_BYTES_MAX) return `a path has up to ${BUNDLE_PATH_BYTES_MAX} bytes`;
  if (path.split("/").length - 1 > BUNDLE_DEPTH_MAX) return `a path has up to ${BUNDLE_DEPTH_MAX} names`;
  return undefined;
}

/** Makes the error of something that may not be in a bundle. */
export function refusal(path: string, why: string): OrreryError {
  const shown = path.replace(/^\//, "").slice(0, 200);
  return new OrreryError("invalid_argument", `Cannot take "${shown}" into a bundle: ${why}`, { details: { path } });
}

/** The order of files in manifests and archives: that of the bytes of their paths. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}
