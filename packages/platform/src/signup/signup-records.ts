import type { Signup } from "./signup.ts";

/** Where signups are kept. A rejected write may have been done. */
export interface SignupRecords {
  get(id: string): Promise<Signup | undefined>;
  /** Keeps a new one. */
  add(signup: Signup): Promise<void>;
  /** Changes one that is there, alone; `null` forgets it. Where `change` gives what it was given, nothing is written. Gives what is there then. */
  update(id: string, change: (signup: Signup) => Signup | null): Promise<Signup | undefined>;
  /** Those for which something is due up to a moment, the longest due first. */
  due(until: number, limit: number): Promise<readonly string[]>;
  nextDue(): Promise<number | undefined>;
  /** How many there are, and how many of them began for an address from a moment on, and when the first of those. */
  count(
    email: string,
    since: number,
  ): Promise<{ readonly all: number; readonly recent: number; readonly first?: number }>;
}
