import type { Account, Digest } from "./terms.ts";

/** The states of a lease, in the order of the contract. */
export const LEASE_STATES = ["None", "Open", "Active", "Closing", "Overdrawn", "Defaulted", "Settled"] as const;

/** Where a lease stands. A challenge is beside it: it may be open while the lease is Active or Closing. */
export type LeaseStage = (typeof LEASE_STATES)[number];

/** What the contract keeps of one lease. Times are seconds since 1970, 0 for none. */
export interface LeaseState {
  readonly stage: LeaseStage;
  readonly openedAt: number;
  readonly startedAt: number;
  /** When service ends. */
  readonly endsAt: number;
  /** From when on it can be settled. */
  readonly settlesAt: number;
  /** Seconds of service that are proven. */
  readonly covered: number;
  /** Seconds in which watchers found the pod dark. */
  readonly excluded: number;
  readonly judgedTo: number;
  readonly publisher: Account;
  readonly lastBeat: number;
  readonly payableAt: number;
  readonly payer: Account;
  /** A challenge is to be answered until then. */
  readonly answerBy: number;
  /** No challenge before. */
  readonly calmUntil: number;
  /** Key that signs beats. */
  readonly session: Account;
  readonly challengedIn: number;
  readonly challenger: Account;
  readonly restFrom: number;
  readonly restTo: number;
  readonly deposit: bigint;
  readonly paid: bigint;
  /** A total that the provider asks for; 0 for none. */
  readonly proposed: bigint;
  readonly returnedAt: number;
  readonly darkTo: number;
  readonly restUsed: number;
  readonly restPeriod: number;
}

/** What a session key says of service so far. */
export interface Beat {
  readonly lease: Digest;
  /** Seconds since 1970. */
  readonly madeAt: number;
  /** Seconds of proven service since the start. */
  readonly covered: number;
  /** A block that was young when the beat was made, and its hash. */
  readonly blockNumber: number;
  readonly blockHash: Digest;
  /** Head of the ledger of what was metered. */
  readonly meter: Digest;
  /** Version of the volumes. */
  readonly volume: number;
}

/** Seconds that are to be paid: proven, and not more than passed without those that watchers found dark. */
export function servedSeconds({
  covered,
  lastBeat,
  startedAt,
  excluded,
}: Pick<LeaseState, "covered" | "lastBeat" | "startedAt" | "excluded">): number {
  return Math.min(covered, Math.max(0, lastBeat - startedAt - excluded));
}

/** Seconds from the last proven service to the return, or until now, without the rest that was announced. */
export function darkSeconds(
  lease: Pick<LeaseState, "returnedAt" | "darkTo" | "lastBeat" | "restFrom" | "restTo">,
  now: number,
): number {
  const until = lease.returnedAt === 0 ? now : lease.returnedAt;
  const to = lease.darkTo === 0 ? until : Math.min(until, lease.darkTo);
  const rest = Math.max(0, Math.min(to, lease.restTo) - Math.max(lease.lastBeat, lease.restFrom));
  return to <= lease.lastBeat ? 0 : to - lease.lastBeat - rest;
}
