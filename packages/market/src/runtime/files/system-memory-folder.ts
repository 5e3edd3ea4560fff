import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { OrreryError } from "@orrery/core";
import { MEMORY_FOLDER_BYTES_MAX } from "../limits.ts";
import { quoted, runScript } from "../system-command.ts";

/** A folder that lies in memory, and never on a disk. */
export interface MemoryFolder {
  readonly path: string;
  /** What may let it reach a disk all the same, and what would help; a line each. */
  readonly lacks: readonly string[];
  close(): Promise<void>;
}

const GROUND = "/dev/shm";

/**
 * Makes a folder in memory for this user alone, empty: what an earlier process left there is gone. As root it is a file system of its own that is
 * not swapped out, where the kernel knows that.
 * @throws OrreryError `failed_precondition` where the machine has no memory file system, or another user has the folder
 */
export async function openMemoryFolder(name: string): Promise<MemoryFolder> {
  const path = `${GROUND}/${name}`;
  const isRoot = process.getuid?.() === 0;
  if (!existsSync(GROUND))
    throw new OrreryError("failed_precondition", `Cannot hold images in memory: there is no ${GROUND}, use Linux`);
  await empty(path, isRoot);
  mkdirSync(path, { mode: 0o700 });
  const options = `mode=0700,size=${MEMORY_FOLDER_BYTES_MAX}`;
  const place = quoted(path);
  const mounted = isRoot
    ? await runScript(
        `mount -t tmpfs -o noswap,${options} orrery ${place} 2>/dev/null && echo noswap || mount -t tmpfs -o ${options} orrery ${place}`,
      )
    : undefined;
  const isKept = mounted?.stdout.trim() === "noswap" || !hasSwap();
  return {
    path,
    lacks: isKept
      ? []
      : ["what is held in memory of images and secrets may be swapped to a disk: swapoff, or encrypt it"],
    close: async () => await empty(path, isRoot),
  };
}

async function empty(path: string, isRoot: boolean): Promise<void> {
  if (!existsSync(path)) return;
  const { uid } = lstatSync(path);
  if (uid !== process.getuid?.())
    throw new OrreryError("failed_precondition", `Cannot use "${path}": it is another user's, take it away`);
  if (isRoot)
    await runScript(`while grep -q ' ${path}[ /]' /proc/self/mounts; do umount -l -R ${quoted(path)} || break; done`);
  rmSync(path, { recursive: true, force: true });
}

function hasSwap(): boolean {
  try {
    return readFileSync("/proc/swaps", "utf8").trim().split("\n").length > 1;
  } catch {
    return false;
  }
}
