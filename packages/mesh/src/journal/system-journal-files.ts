import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import type { JournalFiles } from "@orrery/core/internal";
import { syncFolder } from "../system-replace-file.ts";

/** Files of a journal in a folder, and what ends them. */
export interface FolderFiles extends JournalFiles {
  close(): Promise<void>;
}

/** What a file system says when there is no room; what had been written by then is cut off again. */
const NO_ROOM: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Opens a folder for a journal; only its user may read what it holds. */
export async function createFolderFiles(folder: string): Promise<FolderFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return new OpenFolder(folder);
}

/** Owns: the handle of the file that was written last. I1: a file is on the disk by name before anything in it is said to be safe. */
class OpenFolder implements FolderFiles {
  readonly #folder: string;
  #name = "";
  #handle: FileHandle | undefined;
  #isNew = false;
  #bytes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<readonly string[]> {
    return (await readdir(this.#folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return await readFile(join(this.#folder, name)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new OrreryError("data_loss", `Cannot read "${join(this.#folder, name)}": ${textOf(error)}`, {
        cause: error,
      });
    });
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    const handle = await this.#open(name);
    try {
      await handle.appendFile(bytes);
      this.#bytes += bytes.length;
    } catch (error) {
      if (!NO_ROOM.has((error as NodeJS.ErrnoException).code)) throw error;
      await handle.truncate(this.#bytes);
      throw new OrreryError("resource_exhausted", `Cannot write to "${this.#folder}": ${textOf(error)}`, {
        cause: error,
      });
    }
  }

  async sync(name: string): Promise<void> {
    const handle = await this.#open(name);
    await handle.datasync();
    if (!this.#isNew) return;
    await syncFolder(this.#folder); // I1
    this.#isNew = false;
  }

  async remove(name: string): Promise<void> {
    if (name === this.#name) await this.close();
    await rm(join(this.#folder, name), { force: true });
    await syncFolder(this.#folder);
  }

  async rename(name: string, to: string): Promise<void> {
    await rename(join(this.#folder, name), join(this.#folder, to));
    await syncFolder(this.#folder);
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#name = "";
    await handle?.close();
  }

  async #open(name: string): Promise<FileHandle> {
    if (this.#handle !== undefined && this.#name === name) return this.#handle;
    await this.close();
    const handle = await open(join(this.#folder, name), "a", 0o600);
    this.#handle = handle;
    this.#name = name;
    this.#bytes = (await handle.stat()).size;
    this.#isNew = true;
    return handle;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
