import { lstat, mkdir, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { LINKS_MAX } from "../limits.ts";

/** A path of an image's files, whose folder is no link. */
export interface PlaceInRoot {
  /** On the machine. */
  readonly whole: string;
  /** As the container has it, from `/`. */
  readonly within: string;
}

/**
 * Where a path is in a folder that becomes the root of a container: links on the way are followed as within it, so that none leads out. Folders
 * that are missing on the way are made, and told to `onMade`. The last name may be a link itself.
 * @throws OrreryError `invalid_argument` for a path through a file, or through too many links
 */
export async function placeInRoot(
  root: string,
  path: string,
  onMade: (folder: string) => Promise<void> = async () => {},
): Promise<PlaceInRoot> {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  const last = names.pop();
  if (last === undefined || last === "..") throw unfit(path, "it names no file");
  let at: string[] = [];
  for (let links = 0; names.length > 0; ) {
    const name = names.shift() ?? "";
    if (name === "..") {
      at = at.slice(0, -1);
      continue;
    }
    const whole = join(root, ...at, name);
    const found = await lstat(whole).catch(() => undefined);
    if (found?.isSymbolicLink()) {
      links += 1;
      if (links > LINKS_MAX) throw unfit(path, `it leads through more than ${LINKS_MAX} links`);
      const target = await readlink(whole);
      if (target.startsWith("/")) at = [];
      names.unshift(...target.split("/").filter((one) => one !== "" && one !== "."));
      continue;
    }
    if (found === undefined) {
      await mkdir(whole, { mode: 0o755 });
      await onMade(whole);
    } else if (!found.isDirectory()) throw unfit(path, `"/${[...at, name].join("/")}" is no folder`);
    at = [...at, name];
  }
  return { whole: join(root, ...at, last), within: `/${[...at, last].join("/")}` };
}

/** Makes what something can be bound over in the files of an image, and gives its path without links. */
export async function mountPointIn(root: string, path: string, kind: "folder" | "file"): Promise<string> {
  let place = await placeInRoot(root, path);
  const found = await lstat(place.whole).catch(() => undefined);
  if (found?.isSymbolicLink() && kind === "folder") {
    const target = await readlink(place.whole);
    place = await placeInRoot(root, target.startsWith("/") ? target : join(place.within, "..", target));
    return await mountPointIn(root, place.within, kind);
  }
  const isFit = kind === "folder" ? found?.isDirectory() : found?.isFile();
  if (isFit) return place.within;
  if (found !== undefined && !found.isSymbolicLink())
    throw unfit(path, `the image has something else there than a ${kind}`);
  await rm(place.whole, { force: true });
  if (kind === "folder") await mkdir(place.whole, { mode: 0o755 });
  else await writeFile(place.whole, "", { mode: 0o644 });
  return place.within;
}

function unfit(path: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot use the path "${path}" in an image: ${why}, choose another`);
}
