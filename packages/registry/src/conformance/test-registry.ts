import type { PGlite } from "@electric-sql/pglite";
import { createSystemClock } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createRegistry } from "../create-registry.ts";
import type { RegistryOptions } from "../open-parts.ts";
import type { Registry } from "../registry.ts";
import type { Database } from "../store/database.ts";
import { createSecretBox, createSecretKey } from "../system-secret-box.ts";
import { openTestPGlite } from "./system-test-pglite.ts";

let shared: Promise<Database & { readonly pglite: PGlite }> | undefined;

/** The database of this process, emptied: tests of one file run one after the other. */
export async function openEmptyDatabase(): Promise<Database> {
  shared ??= openTestPGlite();
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
  const close = async () => {
    await registry[Symbol.asyncDispose]();
  };
  return { ...registry, database, [Symbol.asyncDispose]: close };
}
