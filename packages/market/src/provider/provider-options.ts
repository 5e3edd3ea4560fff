import type { Clock, Log, Random } from "@orrery/core";
import type { LocalAccount } from "viem";
import type { Attester, EvidenceKind } from "../attest/evidence.ts";
import type { LeaseChain } from "../chain/lease-chain.ts";
import type { openLeaseKeeper } from "../keeper/lease-keeper.ts";
import type { RecordStore } from "../keeper/record-store.ts";
import type { Account } from "../lease/terms.ts";
import type { Amounts } from "../meter/prices.ts";
import type { PriceList } from "../quote/quote.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import type { Intake } from "./intake.ts";
import type { LeaseFolders } from "./pod-record.ts";
import type { PodWays } from "./pod-ways.ts";

/** What a provider works with. Nothing of it is the machine's own, so that it runs in the simulator as it does on a machine. */
export interface ProviderOptions {
  /** Signs quotes; its account is the provider. */
  readonly key: LocalAccount;
  /** The contracts, as that account uses them. */
  readonly chain: LeaseChain;
  /** Contract of the token that is paid in. */
  readonly token: Account;
  /** What it asks for, and on which conditions. */
  readonly priceList: PriceList;
  /** What it has for pods. */
  readonly capacity: Amounts;
  /** Runs pods. */
  readonly runtime: PodRuntime;
  /** Makes evidence, and of which kind that is. */
  readonly attester: Attester & { readonly kind: EvidenceKind };
  /** Where records of pods are kept. */
  readonly folders: LeaseFolders;
  /** Where it is kept whether new pods are taken: a restart changes nothing of it. */
  readonly intake: RecordStore<Intake>;
  /** Seals keys of pods before they are on a disk. */
  readonly sealer: PodSealer;
  /** Where artifacts come from. */
  readonly artifacts: ArtifactSource;
  /** Leads what comes from outside to pods. */
  readonly ways: PodWays;
  /** Looks after money of a lease. */
  readonly openKeeper: typeof openLeaseKeeper;
  /** Times quotes, looks and what is told. */
  readonly clock: Clock;
  /** Draws keys and nonces. */
  readonly random: Random;
  /** Told of what happens; never of what pods hold. */
  readonly log: Log;
  /** Of this program. */
  readonly version: string;
  /** Name or address at which their other ports are reached. */
  readonly address: string;
}

/** Closes bytes so that this provider alone, on this machine, opens them. */
export interface PodSealer {
  seal(plain: Uint8Array): Promise<Uint8Array>;
  /** @throws OrreryError where it is not this provider's, or the machine is another */
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/** Where encrypted artifacts come from. */
export interface ArtifactSource {
  /** URLs that it fetches from beside its own store; no other is ever asked. */
  readonly stores: readonly string[];
  /** Of its own store; undefined where that has it not. */
  read(digest: string): Promise<Uint8Array | undefined>;
  /** Of another, which `stores` names. @throws OrreryError where that has it not, or gives other bytes */
  fetch(digest: string, store: string): Promise<Uint8Array>;
}
