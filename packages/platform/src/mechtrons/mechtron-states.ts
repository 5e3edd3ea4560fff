import type { PersistRule } from "../stateful/persist-rule.ts";
import type { SoleMember } from "../stateful/sole-member.ts";

/** Where the states of stateful mechtrons are. */
export interface MechtronStates {
  /** Opens the state of a mechtron, an empty one where there is none. @throws OrreryError that says why it cannot be read. */
  open(address: string, persist: PersistRule): Promise<SoleMember>;
  /**
   * Takes all states that outlive the process, as they are at one moment. Until `release` none changes, and none is opened or forgotten.
   * @throws OrreryError `data_loss` for one that cannot be read
   */
  hold(): Promise<HeldStates>;
  /** Forgets the state of a mechtron that is gone. */
  forget(address: string): Promise<void>;
}

/** States as they were at one moment. */
export interface HeldStates {
  readonly states: readonly HeldState[];
  /** Lets them go on. Once is enough. */
  release(): void;
}

/** The state of one mechtron as it was. */
export interface HeldState {
  /** What its folder is called. */
  readonly folder: string;
  /** A file that such a folder can begin with; undefined where nothing was remembered yet. */
  read(): Promise<Uint8Array | undefined>;
}
