import { chmod, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts bytes in the place of a file as a whole, which only its user may read. A write that is cut short leaves the old file as it was; one that ended
 * outlives a crash of the machine. One at a time writes a file.
 */
export async function replaceFile(path: string, bytes: string | Uint8Array): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync(); // Before it takes the old one's place, or a power cut could leave neither.
  } finally {
    await file.close();
  }
  await chmod(fresh, 0o600); // It may have been left behind by somebody with other thoughts.
  await rename(fresh, path);
  await syncFolder(dirname(path));
}

/** Has names in a folder outlive a crash of the machine: a rename does only then. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
