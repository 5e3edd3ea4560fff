import type { Clock, Component, Log } from "@orrery/core";
import type { Database, Registry, Schema, SecretBox } from "@orrery/registry";
import type { Config } from "../config/config.ts";
import { createConfigComponent } from "../config/config-component.ts";
import { createConfig } from "../config/create-config.ts";
import { CONFIG_SCHEMA, openSqlConfigStore } from "../config/sql-config-store.ts";
import { ConfigService } from "../gen/orrery/config/v1/config_pb.ts";
import { createSpaceSweep } from "../spaces/space-sweep.ts";
import { createSpaces } from "../spaces/spaces.ts";

/** What the services of Spaces keep in the registry's database, for backups. */
export const SPACE_SCHEMAS: readonly Schema[] = [CONFIG_SCHEMA];

/** Their contracts, for doors and callers. */
export const SPACE_SERVICES = [ConfigService] as const;

/** Options of `openSpaceServices`. */
export interface SpaceServicesOptions {
  /** Knows the Spaces, and who may do what in them. */
  readonly registry: Registry;
  /** The registry's. */
  readonly database: Database;
  /** Closes secrets. Default: there is no key, and secrets are refused. */
  readonly secrets?: SecretBox;
  /** Says when something was changed, and how long to wait. */
  readonly clock: Clock;
  /** Is told what could not be swept, and is tried again. */
  readonly log: Log;
  /** Whether others may write to the database. Default: false. */
  readonly isShared?: boolean;
  /** As whom the registry is asked, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** What Spaces keep beside their resources. */
export interface SpaceServices extends AsyncDisposable {
  readonly config: Config;
  /** One for each service. */
  components(): readonly Component[];
}

/** Opens config for all Spaces of a registry, in its database, and has what a Space keeps go with it. */
export async function openSpaceServices(options: SpaceServicesOptions): Promise<SpaceServices> {
  const { registry, database, secrets, clock, log, isShared = false, agent = "operator" } = options;
  const spaces = createSpaces({ registry, agent });
  const store = await openSqlConfigStore(database);
  const config = createConfig({ spaces, store, clock, isShared, ...(secrets && { secrets }) });
  const sweep = createSpaceSweep({ registry, holders: [config], clock, log, agent });
  return {
    config,
    components: () => [createConfigComponent(config)],
    [Symbol.asyncDispose]: async () => {
      config[Symbol.dispose]();
      await sweep[Symbol.asyncDispose]();
    },
  };
}
