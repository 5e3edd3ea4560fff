import type { JsonValue } from "@orrery/core";
import type { ResourceView } from "@orrery/registry";
import type { MechtronLimits } from "../cage/mechtron-limits.ts";
import type { PersistRule } from "../stateful/persist-rule.ts";

/** One state of a mechtron that can run: code, and all that it is told. */
export interface MechtronRelease {
  /** Another one wherever anything is that the mechtron can tell. */
  readonly id: string;
  readonly address: string;
  /** Address of its code, with its version. */
  readonly source: string;
  readonly kind: "wasm" | "script";
  readonly digest: string;
  readonly settings: JsonValue | undefined;
  /** What becomes of what it remembers; undefined where it forgets with each message. */
  readonly persist: PersistRule | undefined;
  readonly limits: MechtronLimits;
  /** Whose it is: what it creates is his, and its bundle is read in his name. */
  readonly owner: string;
  /** Reads its code. */
  code(): Promise<Uint8Array>;
  /** Reads a file of its bundle; undefined where there is none. */
  artifact(path: string): Promise<Uint8Array | undefined>;
}

/** What a mechtron is to be, as its resource says now. `looked` are the addresses that decided it: when one changes, it may be another. */
export type FoundMechtron =
  | { readonly kind: "release"; readonly release: MechtronRelease; readonly looked: readonly string[] }
  /** It cannot run as it is said. */
  | { readonly kind: "refused"; readonly why: string; readonly looked: readonly string[] };

/** Where releases of mechtrons come from. */
export type FindMechtron = (mechtron: ResourceView) => Promise<FoundMechtron>;
