import type { SpaceHolder } from "../spaces/space-sweep.ts";
import type { ConfigChange } from "./config.ts";

/** Which scope is meant. */
export interface ConfigPlace {
  /** The number of the Space. */
  readonly space: number;
  /** Empty: that of the whole Space. */
  readonly scope: string;
}

/** A scope as it is kept. */
export interface ConfigRecord extends ConfigPlace {
  readonly version: number;
  /** Changes up to this version are forgotten. */
  readonly compacted: number;
  /** JSON. */
  readonly document: string;
}

/** What is written at once. */
export interface ConfigWrite {
  readonly document: string;
  /** What led to the next version. Absent: the version stays as it is. */
  readonly change?: ConfigChange;
}

/** Which changes are meant: after a version, the oldest first; or before one, the newest first. */
export type ConfigSpan = { readonly after: number } | { readonly before: number };

/** Where config is kept. It knows nothing of rights, secrets or what documents mean. */
export interface ConfigStore extends SpaceHolder {
  read(place: ConfigPlace): Promise<ConfigRecord | undefined>;
  /**
   * Has somebody decide, over how the scope is, what to write of it; nothing where he says so. Nobody else writes meanwhile; he may be asked again
   * where somebody made the scope at the same time. @throws OrreryError `resource_exhausted` for one scope too many; what he throws
   */
  change(place: ConfigPlace, decide: (record: ConfigRecord | undefined) => ConfigWrite | undefined): Promise<void>;
  changes(place: ConfigPlace, span: ConfigSpan, limit: number): Promise<readonly ConfigChange[]>;
  /** A page of all scopes, in one order; after one, or from the first. */
  scopes(after: ConfigPlace | undefined, limit: number): Promise<readonly ConfigRecord[]>;
}
