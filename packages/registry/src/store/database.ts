import type { Kysely } from "kysely";

/** The tables, as the newest migration leaves them. `body` is JSON; numbers of 64 bits come as numbers. */
export interface Tables {
  registry: { id: number; revision: number; compacted: number; batch: string };
  resource: { address: string; parent: string; kind: string; body: string; owner: string };
  change: { revision: number; address: string; body: string };
  request: { agent: string; id: string; digest: string; address: string; revision: number; until: number };
  kind_file: { id: number; name: string; content: string };
}

/** A PostgreSQL, whichever it is. */
export interface Database {
  readonly kysely: Kysely<Tables>;
  /** Calls back when somebody else may have written. Gives what stops it. Without it, the registry looks now and then. */
  readonly onWrite?: (wake: () => void) => Promise<() => Promise<void>>;
  /**
   * Calls back with what a channel is notified of, and with nothing where something may have been missed. Gives what stops it. Absent where the
   * database has no such thing.
   */
  readonly listen?: (channel: string, hear: (text: string) => void) => Promise<() => Promise<void>>;
  /** Ends its sessions. */
  close(): Promise<void>;
}
