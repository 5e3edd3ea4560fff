import { open } from "node:fs/promises";
import { OrreryError } from "@orrery/core";
import { parseEntry, printEntry } from "./ledger-lines.ts";
import type { LedgerStore } from "./ledger-store.ts";

/** Keeps the lines of a ledger in a file that only its user may read. One process writes it at a time. */
export interface LedgerFile extends LedgerStore {
  /** Closes the file. */
  close(): Promise<void>;
}

/**
 * Opens the file of a ledger, or makes it. A line that a crash left half written is cut off: nobody was told that it is kept.
 * @throws OrreryError `data_loss` where the file cannot be read or made
 */
export async function openLedgerFile(path: string): Promise<LedgerFile> {
  const file = await open(path, "a+", 0o600).catch((error: unknown) => {
    throw new OrreryError("data_loss", `Cannot open the ledger "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  });
  const text = await file.readFile("utf8");
  let kept = Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1));
  await file.truncate(kept);
  await file.sync();
  /** Whether there may be something behind what is kept, which could not be cut off. */
  let hasRest = false;
  const cut = async () => {
    await file.truncate(kept);
    hasRest = false;
  };
  return {
    read: async () => {
      const { buffer } = await file.read(Buffer.alloc(kept), 0, kept, 0);
      const lines = buffer.toString("utf8").split("\n").slice(0, -1);
      return lines.map((line, at) => parseEntry(line, at + 1));
    },
    append: async (entry) => {
      const line = Buffer.from(printEntry(entry));
      try {
        if (hasRest) await cut();
        hasRest = true;
        await file.appendFile(line);
        await file.sync();
        kept += line.length;
        hasRest = false;
      } catch (error) {
        await cut().catch(() => undefined); // Before the next line at the latest.
        const message = `Cannot write line ${entry.number} of the ledger "${path}": ${(error as Error).message}`;
        throw new OrreryError("resource_exhausted", message, { cause: error });
      }
    },
    close: () => file.close(),
  };
}
