import type { Component, NodeOptions } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";

/** Folder, from that in which an application is started, under which its nodes keep messages. */
export const JOURNALS_FOLDER = ".orrery/journal";

/**
 * The journal of a node that runs components, in a folder that it may share with others that run the same; none where none of them keeps
 * messages, and then the folder is not made.
 * @throws OrreryError as `openSlots`.
 */
export async function journalFor(
  components: readonly Component[],
  folder: string,
): Promise<Pick<NodeOptions, "journal">> {
  const keeps = ({ service }: Component) => [...contractOf(service).methods.values()].some(({ keep }) => keep);
  if (folder === "" || !components.some(keeps)) return {};
  const { openSlots } = await import("./journal-slots.ts");
  return { journal: await openSlots(folder) };
}
