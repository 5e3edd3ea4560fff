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

/**
 * Reads what a folder has as the files of a bundle: names, digests, lengths, and whether the owner may execute them. Times, owners and
 * other modes count for nothing, and neither do empty directories, `.git` and `.orrery`.
 * @throws OrreryError `invalid_argument` for a symbolic link, a device, a pipe, a name that no bundle may have, or too much
 */
export async function readFolder(folder: string): Promise<SealedManifest> {
  const names = createEntryNames();
  const files: BundleFile[] = [];
  const visit = async (path: string, depth: number) => {
    for (const name of await namesIn(path === "/" ? folder : join(folder, path), path)) {
      if (LEFT_OUT.has(name)) continue;
      const inside = `${path}${name}`;
      if (name.includes("\ufffd")) throw refusal(inside, "its name is not UTF-8: rename it");
      const found = await lstat(join(folder, inside));
      if (found.isDirectory()) {
        if (depth >= BUNDLE_DEPTH_MAX) throw refusal(inside, `a path has up to ${BUNDLE_DEPTH_MAX} names`);
        await visit(`${inside}/`, depth + 1);
        continue;
      }
      if (!found.isFile()) throw refusal(inside, whyNoFile(found));
      names.addFile(inside);
      const sum = await sumPassing(createReadStream(join(folder, inside)));
      files.push({ path: inside, ...sum, contentType: contentTypeOf(inside), executable: (found.mode & 0o100) !== 0 });
    }
  };
  await visit("/", 1);
  if (files.length > 0) return sealManifest(files);
  throw new OrreryError("invalid_argument", `Cannot make a bundle of "${folder}": it has no files, put some there`);
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
