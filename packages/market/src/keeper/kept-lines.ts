import type { Entry } from "../meter/ledger.ts";
import type { LedgerStore } from "../meter/ledger-store.ts";

/** Lines that are given at once, at most; as many are held in memory. */
export const LINES_MAX = 1_000;

/** Lines of a ledger for whoever reads along. */
export interface KeptLines {
  /** Where a meter keeps its lines. */
  readonly store: LedgerStore;
  /** Lines after a number, up to `LINES_MAX`. */
  after(number: number): Promise<readonly Entry[]>;
}

/** Holds the newest lines of a ledger in memory; older ones are read again when somebody wants them. */
export async function keepLines(ledger: LedgerStore): Promise<KeptLines> {
  let newest = (await ledger.read()).slice(-LINES_MAX);
  return {
    store: {
      read: () => ledger.read(),
      append: async (entry) => {
        await ledger.append(entry);
        newest = [...newest.slice(-LINES_MAX + 1), entry];
      },
    },
    after: async (number) => {
      const first = newest[0]?.number ?? 1;
      const lines = number + 1 >= first ? newest : await ledger.read();
      return lines.filter((line) => line.number > number).slice(0, LINES_MAX);
    },
  };
}
