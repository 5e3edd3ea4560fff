import type { Digest } from "../../lease/terms.ts";
import { createMemoryLedgerStore, type LedgerStore } from "../../meter/ledger-store.ts";
import type { LeaseFolder, LeaseFolders } from "../../provider/pod-record.ts";

/** Folders that live as long as this object. */
export class MemoryFolders implements LeaseFolders {
  /** Files by lease and name. */
  readonly files = new Map<Digest, Map<string, Uint8Array>>();
  readonly #ledgers = new Map<Digest, LedgerStore>();

  async list(): Promise<readonly Digest[]> {
    return [...this.files.keys()].sort();
  }

  of(lease: Digest): LeaseFolder {
    const read = (name: string) => this.files.get(lease)?.get(name);
    const write = (name: string, bytes: Uint8Array) => {
      const own = this.files.get(lease) ?? new Map<string, Uint8Array>();
      this.files.set(lease, own.set(name, bytes));
    };
    return {
      read: async (name) => read(name),
      write: async (name, bytes) => write(name, bytes),
      append: async (name, bytes) => write(name, Buffer.concat([read(name) ?? Buffer.alloc(0), bytes])),
      ledger: async () => {
        const ledger = this.#ledgers.get(lease) ?? createMemoryLedgerStore();
        this.#ledgers.set(lease, ledger);
        return ledger;
      },
      remove: async () => {
        this.files.delete(lease);
        this.#ledgers.delete(lease);
      },
    };
  }
}
