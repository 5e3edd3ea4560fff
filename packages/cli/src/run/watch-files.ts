import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { WATCH_SETTLE_MS } from "../limits.ts";

/** A watch over files. */
export interface FileWatch {
  /** Names the files and folders that count from here on; of a folder, the scripts directly in it. */
  look(files: Iterable<string>, folders: Iterable<string>): void;
  close(): void;
}

const SCRIPT = /\.[cm]?[jt]s$/;

/**
 * Watches files, and calls back once for all changes that come together, with one of them. Folders are what is watched, so that editors
 * that write a new file and rename it are seen too.
 */
export function watchFiles(onChange: (file: string) => void): FileWatch {
  const watchers = new Map<string, FSWatcher>();
  let files: ReadonlySet<string> = new Set();
  let folders: ReadonlySet<string> = new Set();
  let timer: NodeJS.Timeout | undefined;
  const changed = (file: string) => {
    const isOurs = files.has(file) || (folders.has(dirname(file)) && SCRIPT.test(basename(file)));
    if (!isOurs) return;
    clearTimeout(timer);
    timer = setTimeout(() => onChange(file), WATCH_SETTLE_MS);
  };
  return {
    look(nextFiles, nextFolders) {
      files = new Set([...nextFiles].map((file) => resolve(file)));
      folders = new Set([...nextFolders].map((folder) => resolve(folder)));
      const wanted = new Set([...folders, ...[...files].map((file) => dirname(file))]);
      for (const [folder, watcher] of watchers) {
        if (wanted.has(folder)) continue;
        watcher.close();
        watchers.delete(folder);
      }
      for (const folder of wanted) {
        if (watchers.has(folder)) continue;
        const watcher = watch(folder, (_event, name) => changed(join(folder, name ?? "")));
        watcher.on("error", () => undefined); // The folder was removed; its files are then gone too.
        watchers.set(folder, watcher);
      }
    },
    close() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
