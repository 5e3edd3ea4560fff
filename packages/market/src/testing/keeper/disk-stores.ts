import type { Disk } from "@orrery/sim";
import type { RecordStore } from "../../keeper/record-store.ts";
import { parseRecord, printRecord } from "../../keeper/record-text.ts";
import { parseEntry, printEntry } from "../../meter/ledger-lines.ts";
import type { LedgerStore } from "../../meter/ledger-store.ts";

/** Keeps lines on the disk of a modelled machine, as `openLedgerFile` does on one that is not. */
export function diskLedger(disk: Disk, name: string): LedgerStore {
  /** What is to stand there, where it could not be put back. */
  let kept: string | undefined;
  const text = async () => {
    if (kept !== undefined) return kept;
    const bytes = await disk.read(name);
    const all = bytes === undefined ? "" : new TextDecoder().decode(bytes);
    return all.slice(0, all.lastIndexOf("\n") + 1);
  };
  const write = async (lines: string) => {
    await disk.write(name, new TextEncoder().encode(lines));
    await disk.sync();
  };
  return {
    read: async () => {
      const lines = (await text()).split("\n").slice(0, -1);
      return lines.map((line, at) => parseEntry(line, at + 1));
    },
    append: async (entry) => {
      const before = await text();
      try {
        await write(before + printEntry(entry));
        kept = undefined;
      } catch (error) {
        kept = before;
        throw error;
      }
    },
  };
}

/** Keeps a record on the disk of a modelled machine, as `openRecordFile` does on one that is not. */
export function diskRecord<T>(disk: Disk, name: string): RecordStore<T> {
  return {
    read: async () => {
      const bytes = await disk.read(name);
      return bytes === undefined ? undefined : parseRecord<T>(new TextDecoder().decode(bytes), name);
    },
    write: async (record) => {
      await disk.write(name, new TextEncoder().encode(printRecord(record)));
      await disk.sync();
    },
  };
}
