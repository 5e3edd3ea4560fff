/** What somebody did. */
export interface AuditFact {
  /** When, in ms since 1970. */
  readonly at: number;
  /** Agent. */
  readonly actor: string;
  /** Service and method, such as `orrery.billing.v1.BillingService.MarkPaid`. */
  readonly act: string;
  /** What it was about: addresses and names. */
  readonly target: string;
  /** `done`, or the code of the error. */
  readonly outcome: string;
}

/** It, as it is kept. */
export interface AuditEntry extends AuditFact {
  /** From 1 on, without gaps. */
  readonly number: number;
  /** SHA-256 over the hash before and all of the entry, in hex. */
  readonly hash: string;
}

/** Which entries, the newest first. */
export interface AuditPage {
  /** Only those before this number. Default: all. */
  readonly below?: number;
  /** Only those from this moment on, in ms since 1970. Default: all. */
  readonly since?: number;
  /** Only those of this agent. Default: all. */
  readonly actor?: string;
  readonly limit: number;
}

/** What became of a look at all entries. */
export interface AuditCheck {
  readonly entries: number;
  /** The last hash; empty where there is none. Whoever keeps it elsewhere can tell later that nothing behind it was taken away. */
  readonly head: string;
  /** The first that is not as it was written, or whose number is not the next. Undefined: none. */
  readonly broken?: number;
}

/**
 * What administrators did, in the order in which it ended. Entries are added and never changed: each has the hash of the one before in its own, so that
 * whoever changes one in the database, or takes one out, is found by `check`.
 */
export interface Audit {
  /** Adds one; it is kept when this resolves. @throws OrreryError `resource_exhausted` where too many wait */
  append(fact: AuditFact): Promise<void>;
  list(page: AuditPage): Promise<readonly AuditEntry[]>;
  check(): Promise<AuditCheck>;
}
