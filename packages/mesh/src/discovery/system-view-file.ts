import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile } from "../system-replace-file.ts";
import type { ViewStore } from "./view-store.ts";

/**
 * Keeps the last view of a network in a file that only the user may read. A write that is cut short leaves the old file as it was. Folders
 * that are not there are made.
 */
export function createViewFile(path: string): ViewStore {
  let last: Promise<void> = Promise.resolve();
  return {
    async read() {
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as { code?: unknown }).code === "ENOENT") return undefined;
        throw error;
      }
    },
    write(bytes) {
      // One after the other: two at once would write to one temporary file.
      const written = last.then(() => replaceView(path, bytes));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

async function replaceView(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, bytes);
}
