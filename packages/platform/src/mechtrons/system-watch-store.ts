import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeptWatch, WatchStore } from "./mechtron-watches.ts";

/** Makes a store of watches in a folder: a file for each mechtron, of which a reader sees the old or the new. */
export function createWatchStore(folder: string): WatchStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = (mechtron: string) => join(folder, createHash("sha256").update(mechtron).digest("hex").slice(0, 32));
  return {
    load: (mechtron) => {
      try {
        return JSON.parse(readFileSync(fileOf(mechtron), "utf8")) as readonly KeptWatch[];
      } catch {
        return [];
      }
    },
    save: (mechtron, watches) => {
      const file = fileOf(mechtron);
      if (watches.length === 0) {
        rmSync(file, { force: true });
        return;
      }
      writeFileSync(`${file}.new`, JSON.stringify(watches), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
}
