import { readKeptKinds } from "./kinds/kept-kinds.ts";
import { openParts, type RegistryOptions, type RegistryParts, type RegistryRules } from "./open-parts.ts";
import { readOperations } from "./read/read-operations.ts";
import type { Registry } from "./registry.ts";
import { createMemoryStore, type MemoryStore } from "./store/memory-store.ts";
import { migrate } from "./store/migrate.ts";
import { createSqlStore } from "./store/sql-store.ts";
import { openTrial } from "./write/open-trial.ts";
import { checkedWrites } from "./write/property-check.ts";
import { writeOperations } from "./write/write-operations.ts";

/**
 * Opens a registry over a database, which it brings to the newest schema. It has the kinds that `keepKinds` put there, too.
 * @throws OrreryError as `migrate`; `invalid_argument` for a kind
 */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  await migrate(options.database);
  const { database, kinds = [], isShared = false } = options;
  const kept = await readKeptKinds({ database, kinds });
  const place = { store: createSqlStore(database), ...(isShared && { shared: database }) };
  const parts = await openParts({ ...options, ...place, kinds: [...kinds, ...(kept?.kinds ?? [])] });
  return registryOf(parts, options);
}

/** Options of a registry without a database. */
export interface MemoryRegistryOptions extends RegistryRules {
  /** What it is kept in, so that another one may go on with it. Default: an empty one of its own. */
  readonly store?: MemoryStore;
}

/**
 * Opens a registry in memory, for worlds and for what runs without a platform: from the same clock and chance it does the same. One at a time writes
 * to a store.
 * @throws OrreryError `invalid_argument` for a kind
 */
export async function createMemoryRegistry(options: MemoryRegistryOptions): Promise<Registry> {
  const { store = createMemoryStore(), ...rules } = options;
  return registryOf(await openParts({ ...rules, store }), rules);
}

function registryOf(parts: RegistryParts, { checks = {} }: RegistryRules): Registry {
  const reads = readOperations(parts);
  const writes = writeOperations(parts);
  return {
    ...reads,
    ...writes,
    ...checkedWrites(writes, { checks, open: () => openTrial(parts) }),
    compact: (upTo) => parts.store.compact(upTo, parts.ground.now()),
    [Symbol.asyncDispose]: parts.close,
  };
}
