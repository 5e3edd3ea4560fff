import { realpathSync } from "node:fs";
import { createServer } from "node:net";
import { type Journal, OrreryError } from "@orrery/core";
import { createSegmentedJournal, type SegmentedJournalOptions } from "@orrery/core/internal";
import { createFolderFiles } from "./system-journal-files.ts";

/** Options of a journal in a folder. */
export type FileJournalOptions = Pick<SegmentedJournalOptions, "entriesMax" | "bytesMax">;

/**
 * Opens the journal of a folder, which is made when there is none; only its user may read it. One process has it at a time, and lets go of it
 * however it ends. Linux only.
 * @throws OrreryError `failed_precondition` when another has it.
 * @example
 * const node = createNode({ components: [orders], journal: await createFileJournal("/var/lib/shop/journal") });
 */
export async function createFileJournal(folder: string, options: FileJournalOptions = {}): Promise<Journal> {
  const files = await createFolderFiles(folder);
  const unlock = await lockJournal(folder);
  const onClose = async () => {
    await files.close();
    unlock();
  };
  return createSegmentedJournal({ ...options, files, onClose });
}

/** Takes a folder by a socket name that the machine gives to one process at a time and takes back when it ends. */
async function lockJournal(folder: string): Promise<() => void> {
  const { createHash } = await import("node:crypto"); // Only those load it who have a journal.
  const name = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const text = `Cannot open the journal in "${folder}": another process has it, stop it first or name another folder`;
      reject(new OrreryError("failed_precondition", text, { cause }));
    });
    server.listen(`\0orrery-journal-${name}`, resolve);
  });
  server.unref();
  return () => void server.close();
}
