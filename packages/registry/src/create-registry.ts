import { readKeptKinds } from "./kinds/kept-kinds.ts";
import { openParts, type RegistryOptions } from "./open-parts.ts";
import { readOperations } from "./read/read-operations.ts";
import type { Registry } from "./registry.ts";
import { migrate } from "./store/migrate.ts";
import { openTrial } from "./write/open-trial.ts";
import { checkedWrites } from "./write/property-check.ts";
import { writeOperations } from "./write/write-operations.ts";

/**
 * Opens a registry over a database, which it brings to the newest schema. It has the kinds that `keepKinds` put there, too.
 * @throws OrreryError as `migrate`; `invalid_argument` for a kind
 */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  await migrate(options.database);
  const { database, kinds = [] } = options;
  const kept = await readKeptKinds({ database, kinds });
  const parts = await openParts({ ...options, kinds: [...kinds, ...(kept?.kinds ?? [])] });
  const reads = readOperations(parts);
  const writes = writeOperations(parts);
  return {
    ...reads,
    ...writes,
    ...checkedWrites(writes, { checks: options.checks ?? {}, open: () => openTrial(parts) }),
    compact: (upTo) => parts.store.compact(upTo, parts.ground.now()),
    [Symbol.asyncDispose]: parts.close,
  };
}
