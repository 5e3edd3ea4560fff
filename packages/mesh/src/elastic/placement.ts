import type { HorizonScope } from "@orrery/core";

/** How many instances of one component a placement runs now. */
export interface Stand {
  /** Those that are starting included, and those that may run for all that is known; those that are going are left out. */
  readonly instances: number;
  /** Of them, those that are not ready yet. */
  readonly starting: number;
  /** How many more it would take. */
  readonly room: number;
}

/** A place, or a kind of place, where instances can be run: this process, processes of this host, other hosts, another network. */
export interface Placement {
  readonly name: string;
  readonly scope: HorizonScope;
  /** Answers at once, from memory. */
  list(component: string): Stand;
  /** Runs more. Ends when they are ready; `list` counts them from the call on. @throws OrreryError when fewer start than were asked for. */
  grow(component: string, count: number): Promise<void>;
  /** Runs fewer: those that go finish what they accepted. Ends when they are gone, or are sure to go. */
  shrink(component: string, count: number): Promise<void>;
}
