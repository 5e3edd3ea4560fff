import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { USER_SLOTS, USERS_EACH, USERS_FROM } from "../limits.ts";

/** Options of `createPodFolders`. */
export interface PodFoldersOptions {
  /** Folder on a disk. */
  readonly data: string;
  /** Folder in memory. */
  readonly memory: string;
  /** Where pods' users begin among those that there are; undefined where this process may not choose users. */
  readonly firstSlot: number | undefined;
}

/** Folders of pods: on the disk what volumes hold and lines; in memory all else. */
export interface PodFolders {
  /** Names of pods that have something on the disk. */
  names(): readonly string[];
  /** The first of the machine's users that are a pod's, the same as long as it has volumes; undefined where there is no choice. */
  userOf(name: string): number | undefined;
  /** Where the disk is that it is all on. */
  readonly disk: string;
  /** Folder of a volume, made where it is missing. */
  volume(name: string, volume: string): string;
  /** File of a volume that is a file system of its own. */
  volumeImage(name: string, volume: string): string;
  /** All volumes. */
  volumes(name: string): string;
  /** Makes the folder of all volumes where it is missing. */
  makeVolumes(name: string): void;
  lines(name: string): string;
  /** Folder of a pod in memory, made where it is missing. */
  memory(name: string): string;
  clearMemory(name: string): void;
  remove(name: string): void;
  /** Takes away what a volume holds. */
  removeVolume(name: string, volume: string): void;
}

const OWNER_FILE = "users";

/** Opens the folders of pods. */
export function createPodFolders({ data, memory, firstSlot }: PodFoldersOptions): PodFolders {
  const pods = join(data, "pods");
  mkdirSync(pods, { recursive: true, mode: 0o700 });
  const made = (...path: string[]) => {
    const folder = join(...path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  };
  const names = () => readdirSync(pods).sort();
  const slotOf = (name: string) => {
    const file = join(pods, name, OWNER_FILE);
    return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
  };
  const userOf = (name: string) => {
    if (firstSlot === undefined) return undefined;
    let slot = slotOf(name);
    if (slot === undefined) {
      const taken = new Set(names().map(slotOf));
      slot = firstSlot;
      while (taken.has(slot)) slot = (slot + 1) % USER_SLOTS;
      writeFileSync(join(made(pods, name), OWNER_FILE), String(slot), { mode: 0o600 });
    }
    return USERS_FROM + slot * USERS_EACH;
  };
  return {
    names,
    userOf,
    disk: pods,
    volumes: (name) => join(pods, name, "volumes"),
    makeVolumes: (name) => void made(pods, name, "volumes"),
    volumeImage: (name, volume) => join(pods, name, "volumes", `${volume}.ext4`),
    volume: (name, volume) => {
      const folder = join(made(pods, name, "volumes"), volume);
      if (existsSync(folder)) return folder;
      mkdirSync(folder);
      chmodSync(folder, 0o777); // Users of the pod share it; nobody else passes the folder that it is in.
      const user = userOf(name);
      if (user !== undefined) chownSync(folder, user, user);
      return folder;
    },
    lines: (name) => made(pods, name, "lines"),
    memory: (name) => made(memory, "pods", name),
    clearMemory: (name) => rmSync(join(memory, "pods", name), { recursive: true, force: true }),
    removeVolume: (name, volume) => {
      for (const end of ["", ".ext4", ".ext4.part", ".ext4.from"])
        rmSync(join(pods, name, "volumes", volume + end), { recursive: true, force: true });
    },
    remove: (name) => {
      rmSync(join(memory, "pods", name), { recursive: true, force: true });
      rmSync(join(pods, name), { recursive: true, force: true });
    },
  };
}
