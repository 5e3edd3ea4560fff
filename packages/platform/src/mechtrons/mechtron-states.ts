import type { PersistRule } from "../stateful/persist-rule.ts";
import type { SoleMember } from "../stateful/sole-member.ts";

/** Where the states of stateful mechtrons are. */
export interface MechtronStates {
  /** Opens the state of a mechtron, an empty one where there is none. @throws OrreryError that says why it cannot be read. */
  open(address: string, persist: PersistRule): Promise<SoleMember>;
  /** Forgets the state of a mechtron that is gone. */
  forget(address: string): Promise<void>;
}
