import { createReadStream } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { contentTypeOf } from "../content-type.ts";
import { createEntryNames, refusal } from "./entry-names.ts";
import { BUNDLE_DEPTH_MAX } from "./limits.ts";
import { type BundleFile, type SealedManifest, sealManifest } from "./manifest.ts";
import { sumPassing } from "./sum-passing.ts";

/** Never part of a bundle: the history of everything, and what programs keep that run there. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", ".orrery"]);

/** A file that goes into a bundle. */
export interface FileToPack {
  /** Where it will be, from `/`, such as `/html/index.html`. */
  readonly path: string;
  /** Where it is now. */
  readonly from: string;
}

/**
 * Lists what a folder has as the files of a bundle: all but those in `.git` and `.orrery`. Empty directories count for nothing.
 * @throws OrreryError `invalid_argument` for a name that no bundle may have, a folder that cannot be read, or none
 */
export async function listFolder(folder: string): Promise<readonly FileToPack[]> {
  const files: FileToPack[] = [];
  const visit = async (path: string, depth: number) => {
    for (const name of await namesIn(path === "/" ? folder : join(folder, path), path)) {
      if (LEFT_OUT.has(name)) continue;
      const inside = `${path}${name}`;
      if (name.includes("\ufffd")) throw refusal(inside, "its name is not UTF-8: rename it");
      const from = join(folder, inside);
      if (!(await lstat(from)).isDirectory()) {
        files.push({ path: inside, from });
        continue;
      }
      if (depth >= BUNDLE_DEPTH_MAX) throw refusal(inside, `a path has up to ${BUNDLE_DEPTH_MAX} names`);
      await visit(`${inside}/`, depth + 1);
    }
  };
  await visit("/", 1);
  if (files.length > 0) return files;
  throw new OrreryError("invalid_argument", `Cannot make a bundle of "${folder}": it has no files, put some there`);
}

/**
 * Reads files as those of a bundle: names, digests, lengths, and whether the owner may execute them. Times, owners and other modes count for nothing.
 * @throws OrreryError `invalid_argument` for a symbolic link, a device, a pipe, a name that no bundle may have, or too much
 */
export async function readFiles(toPack: readonly FileToPack[]): Promise<SealedManifest> {
  const names = createEntryNames();
  const files: BundleFile[] = [];
  for (const { path, from } of toPack) {
    const found = await lstat(from);
    if (!found.isFile()) throw refusal(path, whyNoFile(found));
    names.addFile(path);
    const sum = await sumPassing(createReadStream(from));
    files.push({ path, ...sum, contentType: contentTypeOf(path), executable: (found.mode & 0o100) !== 0 });
  }
  return sealManifest(files);
}

/**
 * Reads what a folder has as the files of a bundle.
 * @throws OrreryError as `listFolder` and `readFiles`
 */
export async function readFolder(folder: string): Promise<SealedManifest> {
  return readFiles(await listFolder(folder));
}

async function namesIn(folder: string, path: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (path !== "/") throw refusal(path, `it cannot be read, ${code}`);
    throw new OrreryError(
      "invalid_argument",
      `Cannot make a bundle of "${folder}": ${code}, name a folder that can be read`,
      {
        cause,
      },
    );
  }
}

function whyNoFile(found: { isSymbolicLink(): boolean; isFIFO(): boolean; isSocket(): boolean }): string {
  if (found.isSymbolicLink()) return "it is a symbolic link: put the file itself there";
  if (found.isFIFO()) return "it is a pipe, and a bundle has files alone";
  return found.isSocket()
    ? "it is a socket, and a bundle has files alone"
    : "it is a device, and a bundle has files alone";
}
