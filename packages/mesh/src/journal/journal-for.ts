import type { Component, NodeOptions } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";

/** Folder, from that in which an application is started, under which its nodes keep messages. */
export const JOURNALS_FOLDER = ".orrery/journal";

/**
 * The journal of a node that runs components, in a folder; none where none of them keeps messages, and then the folder is not made.
 * @throws OrreryError `failed_precondition` when another process has the folder.
 */
export async function journalFor(
  components: readonly Component[],
  folder: string,
): Promise<Pick<NodeOptions, "journal">> {
  const keeps = ({ service }: Component) => [...contractOf(service).methods.values()].some(({ keep }) => keep);
  if (folder === "" || !components.some(keeps)) return {};
  const { createFileJournal } = await import("./system-file-journal.ts");
  return { journal: await createFileJournal(folder) };
}
