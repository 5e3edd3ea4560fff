import { existsSync, readFileSync } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { OrreryError } from "@orrery/core";
import { BASE_LABEL, MEDIA } from "./image.ts";
import { IMAGE_FILE, type ImageFile, parseImageFile } from "./image-file.ts";
import { ARCHIVE_BYTES_MAX, ENTRIES_MAX } from "./limits.ts";
import { describe, makeArchive, type PackedImage } from "./make-archive.ts";
import { sha256Of } from "./system-digest.ts";
import { type WrittenEntry, writeTar } from "./write-tar.ts";

/** Options of `packFolder`. */
export interface PackFolderOptions {
  /** Paths from the folder that stay out, such as a pod file and its secrets. Default: none; `.git` and `image.yaml` always do. */
  readonly leaveOut?: readonly string[];
}

/** Files with which a program begins that says nothing. */
const MAIN_FILES = ["index.js", "index.mjs", "index.ts", "server.js", "server.mjs", "server.ts", "main.js", "main.mjs"];
const APP = "/app";

/**
 * Makes an image of a folder: one layer with its files at `/app`, or at `/` where its `image.yaml` says `base: none`. The same files give the same
 * digest on every machine: times and owners are left out, and modes are 755 or 644.
 * @throws OrreryError `not_found` for no folder, `invalid_argument` for a wrong `image.yaml` or what no image has, `resource_exhausted` over its bounds
 */
export async function packFolder(folder: string, { leaveOut = [] }: PackFolderOptions = {}): Promise<PackedImage> {
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new OrreryError(
      "not_found",
      `Cannot make an image of "${folder}": there is no such folder, name one that is`,
    );
  const said = imageFileIn(folder);
  const prefix = said.base === "none" ? "" : APP.slice(1);
  const out = new Set([".git", IMAGE_FILE, ...leaveOut.map((path) => posix.normalize(path))]);
  const files = await entriesOf(folder, out);
  const top: readonly WrittenEntry[] = prefix === "" ? [] : [{ kind: "directory", path: prefix }];
  const layer = writeTar([...top, ...files.map((entry) => ({ ...entry, path: posix.join(prefix, entry.path) }))]);
  const config = Buffer.from(JSON.stringify(configOf(said, folder, sha256Of(layer))));
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: describe(config, MEDIA.config),
    layers: [describe(layer, MEDIA.layer)],
  };
  return makeArchive(Buffer.from(JSON.stringify(manifest)), MEDIA.manifest, [config, layer]);
}

function imageFileIn(folder: string): ImageFile {
  const file = join(folder, IMAGE_FILE);
  return existsSync(file) ? parseImageFile(readFileSync(file, "utf8"), file) : {};
}

function configOf({ base = "host", command, workingDir, env = {}, user }: ImageFile, folder: string, diffId: string) {
  return {
    architecture: "amd64",
    os: "linux",
    config: {
      Entrypoint: command ?? (base === "host" ? mainCommand(folder) : []),
      WorkingDir: workingDir ?? (base === "host" ? APP : "/"),
      Env: Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
      ...(user !== undefined && { User: user }),
      ...(base === "host" && { Labels: { [BASE_LABEL]: base } }),
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
  };
}

/** Node with what a `package.json` calls its main file, or a file of a usual name; nothing where there is none. */
function mainCommand(folder: string): readonly string[] {
  const main = mainOf(join(folder, "package.json"));
  const file = [...(main === undefined ? [] : [main]), ...MAIN_FILES].find((name) => existsSync(join(folder, name)));
  return file === undefined ? [] : ["node", file];
}

function mainOf(file: string): string | undefined {
  try {
    const { main } = JSON.parse(readFileSync(file, "utf8")) as { readonly main?: unknown };
    return typeof main === "string" ? main : undefined;
  } catch {
    return undefined; // There is none, or it is no JSON: then Node says so, in its words.
  }
}

/** What a folder holds, each folder before what is in it, in the order of names. */
async function entriesOf(folder: string, out: ReadonlySet<string>): Promise<readonly WrittenEntry[]> {
  const entries: WrittenEntry[] = [];
  let bytes = 0;
  const walk = async (within: string): Promise<void> => {
    for (const name of (await readdir(join(folder, within))).sort()) {
      const path = posix.join(within, name);
      if (out.has(path)) continue;
      const entry = await entryAt(folder, path);
      entries.push(entry);
      bytes += entry.kind === "file" ? entry.content.length : 0;
      if (entries.length > ENTRIES_MAX || bytes > ARCHIVE_BYTES_MAX) throw tooMuch(folder);
      if (entry.kind === "directory") await walk(path);
    }
  };
  await walk("");
  return entries;
}

async function entryAt(folder: string, path: string): Promise<WrittenEntry> {
  const whole = join(folder, path);
  const found = await lstat(whole);
  if (found.isDirectory()) return { kind: "directory", path };
  if (found.isSymbolicLink()) return { kind: "link", path, target: await readlink(whole) };
  if (!found.isFile())
    throw new OrreryError(
      "invalid_argument",
      `Cannot make an image of "${folder}": "${path}" is a pipe, a socket or a device, and an image has files, folders and links, take it away`,
    );
  if (found.size > ARCHIVE_BYTES_MAX) throw tooMuch(folder);
  return { kind: "file", path, content: await readFile(whole), isExecutable: (found.mode & 0o100) !== 0 };
}

function tooMuch(folder: string): OrreryError {
  const bounds = `${ENTRIES_MAX} files and ${ARCHIVE_BYTES_MAX} bytes`;
  return new OrreryError(
    "resource_exhausted",
    `Cannot make an image of "${folder}": it holds more than ${bounds}, name a smaller one`,
  );
}
