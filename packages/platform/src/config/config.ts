import type { JsonValue } from "@orrery/core";
import type { SpaceHolder } from "../spaces/space-sweep.ts";

/** Whoever asks. */
export interface ConfigCaller {
  readonly agent: string;
}

/** Which config is meant. */
export interface ConfigPlaceRequest {
  /** Empty: the Space in which the caller's address lies. Default: that. */
  readonly space?: string;
  /** A name, such as that of an app. Default: what is for the whole Space. */
  readonly scope?: string;
}

/** What to read. */
export interface GetConfig extends ConfigPlaceRequest {
  /** As `parseConfigPath` reads it. Default: everything. */
  readonly path?: string;
  /** Show the values of secrets. Default: `[secret]` stands for each. */
  readonly secrets?: boolean;
}

/** What was read. */
export interface ConfigValue {
  readonly value: JsonValue;
  /** Of the scope. */
  readonly version: number;
  /** Where secrets are in it. */
  readonly secretPaths: readonly string[];
}

/** One step of a set. */
export type ConfigStep =
  | { readonly path: string; readonly remove: true }
  | {
      readonly path: string;
      /** An object is merged into what is there, anything else takes its place. */
      readonly value: JsonValue;
      /** Keep it encrypted. Default: false. */
      readonly secret?: boolean;
    };

/** What to set: all of it or nothing. */
export interface SetConfig extends ConfigPlaceRequest {
  /** One after the other. */
  readonly steps: readonly ConfigStep[];
  /** Only where the scope is at this version; 0: where nothing was ever set. Default: wherever it is. */
  readonly ifVersion?: number;
}

/** One path that a set changed. */
export interface ChangedPath {
  readonly path: string;
  /** What it is since then; absent where it was removed, or is secret. */
  readonly value?: JsonValue;
  readonly secret?: true;
  readonly removed?: true;
}

/** One set. */
export interface ConfigChange {
  readonly version: number;
  /** In ms since 1970. */
  readonly at: number;
  readonly agent: string;
  readonly paths: readonly ChangedPath[];
}

/** What to tell of changes. */
export interface ConfigHistory extends ConfigPlaceRequest {
  /** Only changes of what is there, in it or above it. Default: all. */
  readonly path?: string;
  /** Only versions before this. Default: from the newest. */
  readonly before?: number;
  /** Up to 100. Default: 100. */
  readonly limit?: number;
}

/** Which changes to follow. */
export interface WatchConfig extends ConfigPlaceRequest {
  readonly path?: string;
  /** Changes after this version. Default: from now on. */
  readonly after?: number;
}

/** What a watch gives: a change, or that there was none for a while. */
export interface ConfigWatched {
  readonly change?: ConfigChange;
  /** Watch after this to go on. */
  readonly version: number;
}

/**
 * The config of Spaces: one document for each scope, with versions that rise by one. Each operation says by whom; what the Space's rights do not allow is
 * refused, in the same words whatever is there.
 */
export interface Config extends SpaceHolder, Disposable {
  /** @throws OrreryError `permission_denied`, `not_found`, `failed_precondition` where secrets are asked for and there is no key */
  get(request: GetConfig, by: ConfigCaller): Promise<ConfigValue>;
  /** @throws OrreryError `permission_denied`, `invalid_argument`, `aborted` at another version, `resource_exhausted`, `failed_precondition` without a key */
  set(request: SetConfig, by: ConfigCaller): Promise<{ readonly version: number; readonly changed: boolean }>;
  /** The newest first. @throws OrreryError `permission_denied` */
  history(
    request: ConfigHistory,
    by: ConfigCaller,
  ): Promise<{ readonly changes: readonly ConfigChange[]; readonly next?: number }>;
  /**
   * Changes in order, none twice and none missing, after one word that says from where; as long as the caller may read them.
   * @throws OrreryError `permission_denied`, `out_of_range` where changes after that version are forgotten, or never were
   */
  watch(request: WatchConfig, by: ConfigCaller & { readonly signal?: AbortSignal }): AsyncIterable<ConfigWatched>;
  /** Closes all secrets with the newest key. Gives how many. */
  reseal(): Promise<number>;
  /** Ends watches. */
  [Symbol.dispose](): void;
}
