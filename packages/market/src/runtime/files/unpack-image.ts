import { chmod, lchown, link, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { OrreryError } from "@orrery/core";
import type { Image } from "../../image/image.ts";
import { ENTRIES_MAX, UNPACKED_BYTES_MAX } from "../../image/limits.ts";
import { type TarEntry, tarEntries } from "../../image/tar-entries.ts";
import { placeInRoot } from "./place-in-root.ts";

/** Whose a file is on the machine, by the numbers that it has in its image; undefined where this process may not choose. */
export type OwnerOf = (uid: number, gid: number) => readonly [uid: number, gid: number] | undefined;

/** Options of `unpackImage`. */
export interface UnpackOptions {
  /** Folder that is made; whatever stands there by half is taken away first. */
  readonly into: string;
  readonly ownerOf: OwnerOf;
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** Rights that count outside of a container: nobody gets those of an owner by a file. */
const KEPT_MODES = 0o1777;

/**
 * Unpacks the layers of an image, each over those below it, with modes, links and what a layer takes away. Nothing is written outside of the
 * folder, whatever paths and links say; devices and pipes are left out. The folder is there when all of it is.
 * @throws OrreryError `invalid_argument` for paths that lead nowhere, `resource_exhausted` over its bounds, `data_loss` for a broken layer
 */
export async function unpackImage(image: Image, { into, ownerOf }: UnpackOptions): Promise<void> {
  const part = `${into}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o755 });
  const unpacking = new Unpacking(part, ownerOf);
  await unpacking.own(part, 0, 0);
  for (const layer of image.layers) await unpacking.take(layer.tar());
  await unpacking.finish();
  await rename(part, into);
}

/** Owns: the folder, and the modes that its folders get at last. I1: every write goes where `placeInRoot` says, over nothing that is a link. */
class Unpacking {
  readonly #root: string;
  readonly #ownerOf: OwnerOf;
  readonly #modes = new Map<string, number>();
  #bytes = 0;
  #entries = 0;

  constructor(root: string, ownerOf: OwnerOf) {
    this.#root = root;
    this.#ownerOf = ownerOf;
  }

  async take(tar: Uint8Array): Promise<void> {
    for (const entry of tarEntries(tar))
      if (basename(entry.path).startsWith(WHITEOUT)) await this.#takeAway(entry.path);
    for (const entry of tarEntries(tar)) {
      if (entry.path === "" || entry.path === "." || basename(entry.path).startsWith(WHITEOUT)) continue;
      this.#bytes += entry.content.length;
      this.#entries += 1;
      if (this.#bytes > UNPACKED_BYTES_MAX || this.#entries > ENTRIES_MAX)
        throw new OrreryError(
          "resource_exhausted",
          `Cannot unpack the image: it has more than ${ENTRIES_MAX} files or ${UNPACKED_BYTES_MAX} bytes, make a smaller one`,
        );
      await this.#put(entry);
    }
  }

  /** Folders get their modes when nothing is put into them any more. */
  async finish(): Promise<void> {
    for (const [folder, mode] of [...this.#modes].reverse()) await chmod(folder, mode).catch(() => {}); // A later layer took it away.
  }

  async own(path: string, uid: number, gid: number): Promise<void> {
    const owner = this.#ownerOf(uid, gid);
    if (owner !== undefined) await lchown(path, owner[0], owner[1]);
  }

  async #takeAway(path: string): Promise<void> {
    const { whole } = await this.#placeOf(path);
    const folder = dirname(whole);
    if (basename(path) !== OPAQUE)
      return await rm(join(folder, basename(path).slice(WHITEOUT.length)), { recursive: true, force: true });
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
  }

  async #put(entry: TarEntry): Promise<void> {
    const { whole } = await this.#placeOf(entry.path);
    const found = await lstat(whole).catch(() => undefined);
    const staysFolder = entry.type === "Directory" && found?.isDirectory() === true;
    if (found !== undefined && !staysFolder) await rm(whole, { recursive: true, force: true }); // I1
    switch (entry.type) {
      case "Directory":
        if (!staysFolder) await mkdir(whole, { mode: 0o755 });
        this.#modes.set(whole, entry.mode & KEPT_MODES);
        break;
      case "File":
        await writeFile(whole, entry.content, { flag: "wx", mode: 0o600 });
        await chmod(whole, entry.mode & KEPT_MODES);
        break;
      case "SymbolicLink":
        await symlink(entry.target, whole);
        break;
      case "Link":
        await this.#linkTo(entry.target, whole);
        return;
      default:
        return; // Devices and pipes: containers have those that they need.
    }
    await this.own(whole, entry.uid, entry.gid);
  }

  async #linkTo(target: string, whole: string): Promise<void> {
    const source = await this.#placeOf(target);
    const found = await lstat(source.whole).catch(() => undefined);
    if (found?.isFile() !== true && found?.isSymbolicLink() !== true)
      throw new OrreryError(
        "data_loss",
        `Cannot unpack the image: "${target}" is linked to and is no file, make it anew`,
      );
    await link(source.whole, whole);
  }

  async #placeOf(path: string) {
    return await placeInRoot(this.#root, path, async (folder) => await this.own(folder, 0, 0));
  }
}
