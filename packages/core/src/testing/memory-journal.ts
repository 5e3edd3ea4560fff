import type { JournalLife, JournalMedium } from "../conformance/journal-harness.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { createSegmentedJournal, type SegmentedJournalOptions } from "../journal/segmented-journal.ts";

/** Files in memory: what was written is safe at once. */
export function createMemoryFiles(files = new Map<string, Uint8Array>()): JournalFiles {
  return {
    list: async () => [...files.keys()],
    read: async (name) => files.get(name)?.slice(),
    append: async (name, bytes) => {
      const before = files.get(name) ?? new Uint8Array(0);
      const joined = new Uint8Array(before.length + bytes.length);
      joined.set(before);
      joined.set(bytes, before.length);
      files.set(name, joined);
    },
    sync: async () => undefined,
    remove: async (name) => void files.delete(name),
    rename: async (name, to) => {
      files.set(to, files.get(name) ?? new Uint8Array(0));
      files.delete(name);
    },
  };
}

/** A journal whose process may end: then nothing that it is at ever ends. */
export function mortalJournal(files: JournalFiles, options: Omit<SegmentedJournalOptions, "files">): JournalLife {
  let isOver = false;
  const alive = async <T>(something: Promise<T>): Promise<T> => {
    const value = await something;
    return isOver ? await new Promise<T>(() => undefined) : value;
  };
  const begin = <T>(does: () => Promise<T>): Promise<T> => (isOver ? new Promise<T>(() => undefined) : alive(does()));
  const journal = createSegmentedJournal({
    ...options,
    files: {
      list: () => begin(() => files.list()),
      read: (name) => begin(() => files.read(name)),
      append: (name, bytes) => begin(() => files.append(name, bytes)),
      sync: (name) => begin(() => files.sync(name)),
      remove: (name) => begin(() => files.remove(name)),
      rename: (name, to) => begin(() => files.rename(name, to)),
    },
  });
  return {
    journal,
    crash: () => {
      isOver = true;
    },
  };
}

/** A medium of the suite in memory. */
export function memoryMedium(): JournalMedium {
  const content = new Map<string, Uint8Array>();
  const files = createMemoryFiles(content);
  return {
    open: async (bounds) => mortalJournal(files, bounds),
    bytes: async () => [...content.values()].reduce((sum, { length }) => sum + length, 0),
    change: async (change) => {
      const name = lastOf([...content.keys()]);
      content.set(name, change(content.get(name) ?? new Uint8Array(0)));
      return name;
    },
    names: () => files.list(),
    [Symbol.asyncDispose]: async () => content.clear(),
  };
}

/** The file that was written last. */
export function lastOf(names: readonly string[]): string {
  return (
    names
      .filter((name) => /^segment-\d+$/.test(name))
      .toSorted()
      .at(-1) ?? ""
  );
}
