import type { Account, Digest } from "../lease/terms.ts";
import type { Head } from "../meter/ledger.ts";

/** How far a deployment came: each step is written down before it is made. */
export type LeaseStep = "opening" | "deploying" | "running" | "ended";

/** What a publisher keeps of one lease: all that it takes to go on with it, or to end it. It holds no secret and no key. */
export interface LeaseRecord {
  readonly lease: Digest;
  /** Name of the pod. */
  readonly pod: string;
  readonly provider: { readonly url: string; readonly account: Account };
  /** JSON of the signed quote, as the provider gave it. */
  readonly quote: string;
  /** JSON of the sealed pod that was deployed last. */
  readonly sealed: string;
  /** X25519 key of the pod, to which keys of its artifacts are wrapped, as evidence said it. */
  readonly sealTo: string;
  readonly step: LeaseStep;
  /** Base units that were put in by this publisher, in all. */
  readonly deposit: bigint;
  /** Where requests of HTTP to hosts of the pod come in. */
  readonly gateway: string;
  /** Ms since 1970. */
  readonly openedAtMs: number;
  /** Whether the key service gives its pod no keys any more: notice was given, or it is over. */
  readonly withoutKeys?: boolean;
  /** How far the provider's ledger was read and found good. */
  readonly head: Head;
}

/** Keeps records of leases. */
export interface LeaseRecords {
  /** All of them, the oldest first. */
  list(): Promise<readonly LeaseRecord[]>;
  /** Keeps a record, in the place of the one of the same lease. */
  put(record: LeaseRecord): Promise<void>;
}
