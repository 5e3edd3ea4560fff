import type { Journal } from "@orrery/core";
import { createSegmentedJournal, type SegmentedJournalOptions } from "@orrery/core/internal";
import { lockFolder } from "../supervise/system-lock.ts";
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
  const lock = await lockFolder(folder, {
    purpose: "journal",
    refusal: () =>
      `Cannot open the journal in "${folder}": another process has it, stop it first or name another folder`,
  });
  const onClose = async () => {
    await files.close();
    lock[Symbol.dispose]();
  };
  return createSegmentedJournal({ ...options, files, onClose });
}
