import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import { replaceFile } from "@orrery/mesh/internal";
import type { Digest } from "../lease/terms.ts";
import { type LedgerFile, openLedgerFile } from "../meter/system-ledger-file.ts";
import type { LeaseFolder, LeaseFolders } from "./pod-record.ts";

const LEASE = /^0x[0-9a-f]{64}$/;
const OWN_FOLDER = { recursive: true, mode: 0o700 } as const;
const LEDGER = "ledger.jsonl";

/**
 * Keeps a folder for each lease, which only this user may read. A file takes the place of the one before as a whole: it is written beside it, synced, and
 * then renamed. One process has them at a time; whoever opens them closes them once nothing is kept any more.
 * @throws OrreryError `failed_precondition` where the folder cannot be made
 */
export async function openLeaseFolders(path: string): Promise<LeaseFolders & AsyncDisposable> {
  await mkdir(path, OWN_FOLDER).catch((error: Error) => {
    throw new OrreryError("failed_precondition", `Cannot keep leases in "${path}": ${error.message}`, { cause: error });
  });
  const ledgers = new Map<Digest, Promise<LedgerFile>>();
  return {
    list: async () => (await readdir(path)).filter((name): name is Digest => LEASE.test(name)).sort(),
    of: (lease) => leaseFolder(join(path, lease), { lease, ledgers }),
    [Symbol.asyncDispose]: async () => {
      const open = await Promise.allSettled(ledgers.values()); // One that could not be opened was told of then.
      ledgers.clear();
      for (const ledger of open) if (ledger.status === "fulfilled") await ledger.value.close();
    },
  };
}

function leaseFolder(
  path: string,
  { lease, ledgers }: { readonly lease: Digest; readonly ledgers: Map<Digest, Promise<LedgerFile>> },
): LeaseFolder {
  return {
    read: async (name) => {
      try {
        return await readFile(join(path, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw failed("read", join(path, name), error);
      }
    },
    write: async (name, bytes) => {
      await mkdir(path, OWN_FOLDER);
      await replace(join(path, name), bytes);
    },
    append: async (name, bytes) => {
      await mkdir(path, OWN_FOLDER);
      await appendFile(join(path, name), bytes, { mode: 0o600 }).catch((error: unknown) => {
        throw failed("write", join(path, name), error);
      });
    },
    ledger: async () => {
      await mkdir(path, OWN_FOLDER);
      const ledger = ledgers.get(lease) ?? openLedgerFile(join(path, LEDGER));
      ledgers.set(lease, ledger);
      return await ledger;
    },
    remove: async () => {
      const ledger = ledgers.get(lease);
      ledgers.delete(lease);
      await (await ledger)?.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await replaceFile(path, bytes).catch((error: unknown) => {
    throw failed("write", path, error);
  });
}

function failed(doing: string, path: string, error: unknown): OrreryError {
  const code = doing === "read" ? "data_loss" : "resource_exhausted";
  return new OrreryError(code, `Cannot ${doing} "${path}": ${(error as Error).message}`, { cause: error });
}
