import { type Clock, type JsonValue, OrreryError } from "@orrery/core";
import type { SecretBox } from "@orrery/registry";
import type { ConfigCaller, ConfigPlaceRequest } from "./config.ts";
import type { ConfigBells } from "./config-bells.ts";
import { type ConfigNode, EMPTY_CONFIG, readConfig } from "./config-node.ts";
import { type ConfigPath, printConfigPath } from "./config-path.ts";
import type { ConfigPlace, ConfigRecord, ConfigStore } from "./config-store.ts";

/** What parts of config work with. */
export interface ConfigParts {
  readonly store: ConfigStore;
  readonly clock: Clock;
  readonly isShared: boolean;
  readonly bells: ConfigBells;
  /** Lets a caller in, for reading or writing. */
  enter(request: ConfigPlaceRequest, by: ConfigCaller, verb: "read" | "write"): Promise<ConfigPlace>;
}

/** What a secret is closed about: it opens nowhere else. */
export function secretAbout({ space, scope }: ConfigPlace, path: ConfigPath): string {
  return ["config", space, scope, printConfigPath(path)].join("\n");
}

/** The document of a scope; an empty one where nothing was ever set. */
export function documentOf(record: ConfigRecord | undefined): ConfigNode {
  return record === undefined ? EMPTY_CONFIG : readConfig(JSON.parse(record.document) as JsonValue);
}

/** @throws OrreryError `failed_precondition` where there is no key */
export function withKey(box: SecretBox | undefined, doing: string): SecretBox {
  if (box !== undefined) return box;
  throw new OrreryError("failed_precondition", `Cannot ${doing}: the platform has no key for secrets, give it one`);
}
