import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isOrreryError, type Journal } from "@orrery/core";
import { joinJournals } from "./joined-journal.ts";
import { createFileJournal } from "./system-file-journal.ts";

/** Journals that the processes of one component may have in one folder, one each. */
const SLOTS_MAX = 1024;

/**
 * Opens a journal in a folder that several processes share, each with a part of its own: the first that nobody has. What is in other parts
 * that nobody has is taken over, so that it is handled whoever starts next.
 * @throws OrreryError as `createFileJournal`.
 */
export async function openSlots(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const slots = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  const free: Journal[] = [];
  for (const slot of slots.sort((a, b) => a - b)) {
    const journal = await openFree(join(folder, `${slot}`));
    if (journal !== undefined) free.push(journal);
  }
  const [first, ...others] = free;
  return joinJournals(first ?? (await openFresh(folder)), others);
}

async function openFresh(folder: string): Promise<Journal> {
  for (let slot = 0; slot < SLOTS_MAX; slot++) {
    const journal = await openFree(join(folder, `${slot}`));
    if (journal !== undefined) return journal;
  }
  return await createFileJournal(join(folder, "0")); // Says who has it.
}

/** Undefined where another process has it. */
async function openFree(folder: string): Promise<Journal | undefined> {
  try {
    return await createFileJournal(folder);
  } catch (error) {
    if (isOrreryError(error) && error.code === "failed_precondition") return undefined;
    throw error;
  }
}
