import type { Snapshot, Update } from "./position.ts";

/** What a member has on its medium. */
export interface Stored {
  /** The epoch below which it takes nothing. */
  readonly promised: number;
  readonly snapshot: Snapshot;
}

/** What a member is to have on its medium. */
export type StoreStep =
  | { readonly kind: "whole" }
  | { readonly kind: "promised"; readonly promised: number }
  | { readonly kind: "change"; readonly update: Update };

/** Where a member keeps what it must not forget. */
export interface StateStore {
  /**
   * What an earlier life left; undefined for nothing at all. Called once, before all else.
   * @throws OrreryError `data_loss` when it cannot be read, `failed_precondition` when it is of another mechtron or of other members.
   */
  load(): Promise<Stored | undefined>;
  /**
   * Notes a step; resolves when it outlives the machine. `after` is all that there is with it, for a store that begins anew. After one that
   * failed it is not known whether the step is there; the next one may be tried.
   * @throws OrreryError as the medium says.
   */
  write(step: StoreStep, after: Stored): Promise<void>;
  /** Lets go of the medium. */
  close(): Promise<void>;
}

/** Makes a store that forgets with the process: the rule `None`. */
export function createForgetfulStore(): StateStore {
  return { load: async () => undefined, write: async () => undefined, close: async () => undefined };
}
