import type { Journal } from "@orrery/core";
import { createSegmentedJournal, type JournalFiles, type SegmentedJournalOptions } from "@orrery/core/internal";
import type { Disk } from "./disk.ts";

/** Options of a journal on a modelled disk; the same as those of a real one, beside what is smaller in a small world. */
export type DiskJournalOptions = Omit<SegmentedJournalOptions, "files" | "onClose">;

const PREFIX = "journal/";

/**
 * Makes the journal of a modelled node, on its disk: the code that writes to real folders, over files that a crash may cut short.
 * @example
 * world.node("shop", { components: [orders], journal: ({ disk }) => createDiskJournal(disk) });
 */
export function createDiskJournal(disk: Disk, options: DiskJournalOptions = {}): Journal {
  return createSegmentedJournal({ ...options, files: diskFiles(disk) });
}

function diskFiles(disk: Disk): JournalFiles {
  return {
    list: async () =>
      (await disk.list()).filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)),
    read: (name) => disk.read(PREFIX + name),
    append: (name, bytes) => disk.append(PREFIX + name, bytes),
    sync: () => disk.sync(),
    remove: (name) => disk.remove(PREFIX + name),
    async rename(name, to) {
      const bytes = await disk.read(PREFIX + name);
      if (bytes !== undefined) await disk.write(PREFIX + to, bytes);
      await disk.remove(PREFIX + name);
    },
  };
}
