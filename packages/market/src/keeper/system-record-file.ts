import { readFile } from "node:fs/promises";
import { OrreryError } from "@orrery/core";
import { replaceFile } from "@orrery/mesh/internal";
import type { RecordStore } from "./record-store.ts";
import { parseRecord, printRecord } from "./record-text.ts";

/**
 * Keeps a record in a file that only its user may read. A record takes the place of the one before as a whole: it is written beside it, synced, and
 * then renamed. One process writes it at a time.
 */
export function openRecordFile<T>(path: string): RecordStore<T> {
  let turn: Promise<unknown> = Promise.resolve();
  const write = async (record: T) => {
    try {
      await replaceFile(path, printRecord(record));
    } catch (error) {
      const message = `Cannot write "${path}": ${(error as Error).message}`;
      throw new OrreryError("resource_exhausted", message, { cause: error });
    }
  };
  return {
    read: async () => {
      const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw new OrreryError("data_loss", `Cannot read "${path}": ${error.message}`, { cause: error });
      });
      return text === undefined ? undefined : parseRecord<T>(text, `"${path}"`);
    },
    write: (record) => {
      const done = turn.then(() => write(record));
      turn = done.catch(() => undefined);
      return done;
    },
  };
}
