import { createSystemClock } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import {
  createRegistry,
  createSecretBox,
  createSecretKey,
  type Database,
  openPGlite,
  type Registry,
  type RegistryOptions,
} from "@orrery/registry";

let shared: ReturnType<typeof openPGlite> | undefined;

/** The database of this process, emptied: tests of one file run one after the other. The first takes seconds. */
export async function openEmptyDatabase(): Promise<Database> {
  shared ??= openPGlite();
  const { kysely, pglite } = await shared;
  await pglite.exec("drop schema public cascade; create schema public");
  return { kysely, close: async () => {} };
}

/** A registry of tests, over an empty database where none is given. */
export async function openTestRegistry(
  options: Partial<RegistryOptions> = {},
): Promise<Registry & { readonly database: Database }> {
  const database = options.database ?? (await openEmptyDatabase());
  const registry = await createRegistry({
    clock: createSystemClock(),
    random: createSeededRandom(1),
    secrets: createSecretBox([createSecretKey()]),
    ...options,
    database,
  });
  return { ...registry, database, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}
