import type { Clock, Random } from "@orrery/core";
import type { ChainCall, Shown } from "../chain/calls.ts";
import type { LeaseChain, Sent } from "../chain/lease-chain.ts";
import type { Recover } from "../lease/recover.ts";
import type { Account, Terms } from "../lease/terms.ts";
import type { Entry, Head } from "../meter/ledger.ts";
import type { LedgerStore } from "../meter/ledger-store.ts";
import type { Amounts, Prices } from "../meter/prices.ts";
import type { SignedVoucher } from "../meter/vouchers.ts";
import type { SignBeat } from "./beats.ts";
import { Keeper } from "./keeper.ts";
import type { RecordStore } from "./record-store.ts";
import type { Standing } from "./standing.ts";

/** What a keeper must not lose. */
export interface KeeperRecord {
  /** The best that the publisher signed. */
  readonly voucher?: SignedVoucher | undefined;
  /** The newest beat. */
  readonly shown?: Shown | undefined;
  /** The newest beat from before the provider was found dark: late evidence of service. */
  readonly evidence?: Shown | undefined;
  readonly standing: Standing;
}

/** What a pod holds and used since it was asked the last time. */
export interface PodUse {
  readonly reserved: Amounts;
  readonly used: Amounts;
}

/** How often things are done, and how long others last. */
export interface KeeperPeriods {
  /** Between two looks, in ms. Default: 15 s, or a quarter of the time to answer a challenge or half the period of beats where these are shorter. */
  readonly lookMs?: number | undefined;
  /** It is warned when funds last less than so many seconds. Default: a day. */
  readonly warnS?: number | undefined;
  /** Volumes of a pod that does not run are kept for so many seconds. Default: 7 days. */
  readonly keepS?: number | undefined;
}

/** What a keeper tells of what it did, or could not do. */
export type KeeperNews =
  | { readonly kind: "sent"; readonly call: ChainCall; readonly sent: Sent }
  | { readonly kind: "failed"; readonly what: "look" | "beat" | "act" | "step" | "keep"; readonly error: unknown };

/** What a keeper of a lease works with. */
export interface LeaseKeeperOptions {
  /** Of the lease, which was opened. */
  readonly terms: Terms;
  /** Who opened it: whose vouchers are taken. */
  readonly publisher: Account;
  /** Of the quote. */
  readonly prices: Prices;
  /** For the provider's account. */
  readonly chain: LeaseChain;
  /** Paces it, and measures service. */
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  /** Spreads waits. */
  readonly random: Pick<Random, "next">;
  /** Where lines are kept. */
  readonly ledger: LedgerStore;
  /** Where the voucher, the beat and the standing are kept. */
  readonly store: RecordStore<KeeperRecord>;
  /** Signs beats with the session key of the lease. */
  readonly session: SignBeat;
  /** Version of the volumes. Default: 1. */
  readonly volume?: (() => number) | undefined;
  /** What the pod holds, and used since it was asked the last time; undefined while it does not serve: nothing is metered then. */
  readonly usage: () => Promise<PodUse | undefined>;
  /**
   * Whether a nonce just made its way to the facade of the pod and back. No beat is made otherwise. The facade answers for a pod whose processes crashed
   * or were stopped for want of funds, too: a beat says that the platform serves.
   */
  readonly prove: () => Promise<boolean>;
  /** Does to the pod what the new step of its standing says. It is asked again where it fails, and after a restart it may be asked for the same again. */
  readonly act: (standing: Standing, before: Standing) => Promise<void>;
  /** Less than so much more is not worth a transaction, in base units. Default: 1. */
  readonly dust?: bigint | undefined;
  /** Default: those that it says itself. */
  readonly periods?: KeeperPeriods | undefined;
  /** Told of what happens. Default: nobody. */
  readonly onNews?: ((news: KeeperNews) => void) | undefined;
  /** Finds out who signed. Default: by the curve of the chain. */
  readonly recover?: Recover | undefined;
}

/** Keeps one lease for its provider. */
export interface LeaseKeeper {
  /**
   * Takes a voucher; one that is no better than what is held changes nothing. When this ends well the voucher is safely kept.
   * @returns total of the voucher that is held now
   * @throws OrreryError `invalid_argument` for one of another lease, `permission_denied` for one that the publisher did not sign
   */
  take(voucher: SignedVoucher): Promise<bigint>;
  /** What the ledger comes to. */
  head(): Head;
  /** Lines of the ledger after a number, up to 1,000. */
  linesAfter(number: number): Promise<readonly Entry[]>;
  /** The newest beat. */
  beat(): Shown | undefined;
  standing(): Standing;
  /** Until when the deposit lasts, seconds since 1970; undefined while the chain is not known. */
  fundsUntil(): number | undefined;
  /** Gives notice, or ends a lease that has not begun. It is the provider's: the pod runs until service ends. */
  close(): Promise<Sent>;
  /** Ends the keeping, and nothing else: it can be opened again by the same files. */
  stop(): Promise<void>;
}

/**
 * Begins to keep a lease: looks and meters, makes beats, answers challenges, claims what is due, and says what is done to the pod where it is not paid.
 * @throws OrreryError `data_loss` where its files cannot be read
 */
export async function openLeaseKeeper(options: LeaseKeeperOptions): Promise<LeaseKeeper> {
  return await Keeper.open(options);
}
