import type { Account, Digest } from "../lease/terms.ts";
import type { Intake } from "../provider/intake.ts";
import type { MoneyMove } from "../provider/stake.ts";

/** What the operator of a provider sees: what it has, for whom it runs what, and what comes of it. Nothing that pods keep to themselves. */
export interface Overview {
  readonly account: Account;
  readonly runtime: string;
  /** What its evidence is made by. */
  readonly evidence: string;
  readonly gateway: string;
  /** Whether it takes new pods, takes none, or is drained. */
  readonly intake: Intake["kind"];
  /** Why it takes no new pods; empty where it does. */
  readonly closed: string;
  /** By resource. */
  readonly capacity: readonly CapacityLine[];
  readonly pods: readonly TenantLine[];
  /** Undefined while the chain is not known. */
  readonly stake: StakeView | undefined;
  /** What leases paid and what they owe, in base units, of all that are known. */
  readonly earnings: { readonly paid: bigint; readonly owed: bigint };
  readonly token: { readonly symbol: string; readonly decimals: number };
  /** What somebody should look at, the newest first. */
  readonly alerts: readonly { readonly atMs: number; readonly text: string }[];
}

/** What an account has at stake and in the contract, in base units. */
export interface StakeView {
  readonly free: bigint;
  /** For leases. */
  readonly locked: bigint;
  /** Was asked back, and leaves then, seconds since 1970; 0 for nothing. */
  readonly unbonding: bigint;
  readonly unbondedAt: number;
  /** In the contract beside the stake: can be withdrawn. */
  readonly balance: bigint;
}

/** A resource that is held for pods. */
export interface CapacityLine {
  readonly resource: string;
  readonly unit: string;
  readonly total: bigint;
  readonly free: bigint;
}

/** A pod, as its provider's operator sees it. */
export interface TenantLine {
  readonly publisher: Account;
  readonly lease: Digest;
  readonly name: string;
  readonly state: string;
  readonly why: string;
  /** Stage of the lease; empty while the chain is not known. */
  readonly stage: string;
  readonly copies: number;
  /** Base units. */
  readonly owed: bigint;
  readonly paid: bigint;
  /** Until when its deposit lasts, seconds since 1970; 0 for not known. */
  readonly fundsUntil: number;
  /** When service ends, and from when on the lease is settled, seconds since 1970; 0 for no end that is known. */
  readonly endsAt: number;
  readonly settlesAt: number;
}

/** What the operator may do on the page, and look at. */
export interface AdminDesk {
  overview(): Promise<Overview>;
  /** Takes no new pods. What runs goes on. */
  pause(): Promise<void>;
  /** Takes new pods again. Notice that was given stays. */
  resume(): Promise<void>;
  /** Takes no new pods, and gives notice for all leases, until all have it. */
  drain(): Promise<void>;
}

/** What the operator may do by commands of the provider's own user. */
export interface ProviderDesk extends AdminDesk {
  /** By the account's one line of calls, so that none takes the place of another. @returns how much was moved @throws OrreryError as `moveMoney` does */
  moveMoney(move: MoneyMove): Promise<bigint>;
}
