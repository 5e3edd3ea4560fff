import type { Clock, Random } from "@orrery/core";
import type { ChainCall, Shown } from "../chain/calls.ts";
import type { LeaseChain, Reading, Sent } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { Recover, Signer } from "../lease/recover.ts";
import type { Terms } from "../lease/terms.ts";
import type { Entry, Head } from "../meter/ledger.ts";
import type { Prices } from "../meter/prices.ts";
import type { SignedVoucher } from "../meter/vouchers.ts";
import { Follower } from "./follower.ts";
import type { RecordStore } from "./record-store.ts";

/** What a provider shows of one lease to its publisher. What does not reach it throws. */
export interface LeaseSource {
  /** Lines of the ledger after a number, up to 1,000. */
  linesAfter(number: number): Promise<readonly Entry[]>;
  /** The newest beat. */
  beat(): Promise<Shown | undefined>;
  /** Hands over a voucher. @returns total of the voucher that the provider holds then */
  vouch(voucher: SignedVoucher): Promise<bigint>;
}

/** What a follower must not lose. */
export interface FollowerRecord {
  /** The ledger as far as it was agreed to. */
  readonly head: Head;
  /** The best that was signed. */
  readonly voucher?: SignedVoucher | undefined;
  /** Challenges that it made and that were answered. */
  readonly challenges: number;
  /** What was put in beside the first deposit, whether or not it is known to have arrived. */
  readonly toppedUp: bigint;
  /** Whether notice is to be given, since when, by the chain. */
  readonly closingSince?: number | undefined;
}

/** When money is put in. */
export interface TopUp {
  /** When funds last less than so many seconds. */
  readonly belowS: number;
  /** So much each time, in base units. */
  readonly amount: bigint;
  /** So much in all. The chain holds it to what the payer allows, beside. */
  readonly most: bigint;
}

/** What a follower tells. */
export type FollowerNews =
  | { readonly kind: "sent"; readonly call: ChainCall; readonly sent: Sent }
  /** The provider was not reached, or nothing of it can be trusted. */
  | { readonly kind: "refused"; readonly what: "lines" | "beat" | "vouch"; readonly why: string }
  /** It says nothing that proves service, since a time of the chain. */
  | { readonly kind: "dark"; readonly since: number }
  /** It asks for more than its own ledger says. */
  | { readonly kind: "false-claim"; readonly proposed: bigint; readonly agreed: bigint }
  | { readonly kind: "failed"; readonly error: unknown };

/** What a follower of a lease works with. */
export interface LeaseFollowerOptions {
  /** Of the lease, which was opened. */
  readonly terms: Terms;
  /** By which lines are read: those of the quote. */
  readonly prices: Prices;
  /** For the account that opened the lease, or one that its payer allows to. */
  readonly chain: LeaseChain;
  /** Paces it. */
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  /** Spreads waits. */
  readonly random: Pick<Random, "next">;
  /** Signs vouchers, as whoever opened the lease. */
  readonly key: Signer;
  /** The provider. */
  readonly source: LeaseSource;
  /** Whether the pod is reached from outside. Where it is, silence of the provider alone is no reason to challenge. Default: that is not known. */
  readonly probe?: (() => Promise<boolean>) | undefined;
  /** What must not be lost. */
  readonly store: RecordStore<FollowerRecord>;
  /** What is agreed to at most in all, in base units. Default: the deposit. */
  readonly limit?: bigint | undefined;
  /** When money is put in. Default: never. */
  readonly topUp?: TopUp | undefined;
  /** Challenges that are made by itself, at most, that are answered: each costs the bond of a challenge. Then notice is given. Default: 2; 0 for none. */
  readonly challengesMax?: number | undefined;
  /** Between two looks, in ms. Default: half the period of beats. */
  readonly periodMs?: number | undefined;
  /** Told of the newest block at each look. Default: nobody. */
  readonly onLook?: ((latest: Reading) => void) | undefined;
  /** Told of what happens. Default: nobody. */
  readonly onNews?: ((news: FollowerNews) => void) | undefined;
  /** Finds out who signed. Default: by the curve of the chain. */
  readonly recover?: Recover | undefined;
}

/** Follows one lease for its publisher. */
export interface LeaseFollower {
  /** The ledger as far as it was agreed to. */
  agreed(): Head;
  /** The best voucher that was signed. */
  voucher(): SignedVoucher | undefined;
  /** The lease as the newest block has it; undefined while the chain is not known. */
  state(): LeaseState | undefined;
  /** Gives notice, or takes back a lease that has not begun, and goes on until it is settled. When this ends it is not forgotten. */
  close(): Promise<void>;
  /** Ends when the lease is over by a block that stays. */
  readonly ended: Promise<void>;
  /** Ends the following, and nothing else: it can be opened again by the same store, in hours or days. */
  stop(): Promise<void>;
}

/**
 * Begins to follow a lease: reads the provider's lines, agrees to what beats prove, signs vouchers, watches for darkness and false claims, puts money in,
 * and ends the lease. Nothing is lost while nobody follows: what was proven is paid by the chain, and nothing else.
 * @throws OrreryError `data_loss` where its record cannot be read
 */
export async function openLeaseFollower(options: LeaseFollowerOptions): Promise<LeaseFollower> {
  return await Follower.open(options);
}
