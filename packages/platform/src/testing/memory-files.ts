import type { JournalFiles } from "@orrery/core/internal";

/** Files in memory, and what they hold. */
export function memoryFiles(of: Readonly<Record<string, Uint8Array>> = {}) {
  const content = new Map(Object.entries(of));
  const files: JournalFiles = {
    list: async () => [...content.keys()],
    read: async (name) => content.get(name)?.slice(),
    append: async (name, bytes) => void content.set(name, joined(content.get(name), bytes)),
    sync: async () => undefined,
    remove: async (name) => void content.delete(name),
    rename: async (name, to) => {
      content.set(to, content.get(name) ?? new Uint8Array(0));
      content.delete(name);
    },
  };
  return { files, content };
}

function joined(before: Uint8Array | undefined, bytes: Uint8Array): Uint8Array {
  const both = new Uint8Array((before?.length ?? 0) + bytes.length);
  both.set(before ?? []);
  both.set(bytes, before?.length ?? 0);
  return both;
}
