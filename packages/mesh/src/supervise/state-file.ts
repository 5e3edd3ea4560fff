import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { parseState, printState, type StateStore } from "./state-store.ts";

/** Keeps a supervisor's state in a file that only the user may read. Whoever reads it sees the old or the new, never half of one. */
export function createStateFile(file: string): StateStore {
  return {
    load: async () => (existsSync(file) ? parseState(readFileSync(file, "utf8"), file) : undefined),
    save: (state) => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const opened = openSync(`${file}.new`, "w", 0o600);
      try {
        writeFileSync(opened, printState(state));
        fsyncSync(opened);
      } finally {
        closeSync(opened);
      }
      renameSync(`${file}.new`, file);
    },
  };
}
