import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
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
      const written = last.then(() => replaceFile(path, bytes));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync(); // Before it takes the old one's place, or a power cut could leave neither.
  } finally {
    await file.close();
  }
  await chmod(fresh, 0o600); // It may have been left behind by somebody with other thoughts.
  await rename(fresh, path);
}
