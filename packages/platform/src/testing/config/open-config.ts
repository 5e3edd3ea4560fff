import { createSecretBox, createSecretKey, type SecretBox } from "@orrery/registry";
import type { Config } from "../../config/config.ts";
import type { ConfigStore } from "../../config/config-store.ts";
import { type ConfigOptions, createConfig } from "../../config/create-config.ts";
import { openSqlConfigStore } from "../../config/sql-config-store.ts";
import { CLOCK, type SpaceWorld } from "../space-world.ts";

/** Config over the database of a world. */
export interface OpenedConfig {
  readonly config: Config;
  readonly store: ConfigStore;
}

/** Opens config; with a new key where none is said, without one where it is `undefined`. */
export async function openConfig(
  { database, spaces }: SpaceWorld,
  options: Partial<ConfigOptions> & { readonly box?: SecretBox | undefined } = {},
): Promise<OpenedConfig> {
  const store = await openSqlConfigStore(database);
  const { box, ...others } = { box: createSecretBox([createSecretKey()]), ...options };
  const secrets = box === undefined ? {} : { secrets: box };
  return { store, config: createConfig({ spaces, store, clock: CLOCK, ...secrets, ...others }) };
}
