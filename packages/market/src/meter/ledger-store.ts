import type { Entry } from "./ledger.ts";

/** Where the lines of one ledger are kept. */
export interface LedgerStore {
  /** All lines, oldest first. @throws OrreryError `data_loss` for what cannot be read as lines */
  read(): Promise<readonly Entry[]>;
  /** Keeps a line: when this ends well it outlives a crash, and when it fails nothing of it is kept. */
  append(entry: Entry): Promise<void>;
}

/** Keeps lines as long as the process lives. */
export function createMemoryLedgerStore(): LedgerStore {
  const entries: Entry[] = [];
  return {
    read: async () => [...entries],
    append: async (entry) => {
      entries.push(entry);
    },
  };
}
