import type { Stake } from "../lease/accounts-model.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { ProviderEntry } from "../lease/provider-registry-model.ts";
import type { Account, Digest } from "../lease/terms.ts";
import type { LeaseDomain } from "../lease/typed-data.ts";
import type { ChainCall } from "./calls.ts";
import type { ChainEvent } from "./events.ts";

/** A block of the chain. */
export interface BlockRef {
  readonly number: number;
  readonly hash: Digest;
  /** Its time, seconds since 1970. */
  readonly at: number;
}

/** Which block is looked at: the newest, one that is unlikely to go, or one that stays for good. */
export type BlockTag = "latest" | "safe" | "finalized";

/** What is to be read, all of it at one block. */
export interface ChainQuery {
  /** Leases by name. */
  readonly leases?: readonly Digest[];
  readonly accounts?: readonly Account[];
  /** Whether all providers are wanted. Default: no. */
  readonly providers?: boolean;
}

/** What an account has in the contract. */
export interface AccountState {
  readonly account: Account;
  readonly balance: bigint;
  readonly stake: Readonly<Stake>;
}

/** What was asked for, in the order in which it was. A lease that was never opened is in stage "None". */
export interface ChainState {
  readonly leases: readonly LeaseState[];
  readonly accounts: readonly AccountState[];
  readonly providers: readonly ProviderEntry[];
}

/**
 * What a look at the chain came to. `unknown` says nothing of the chain: the node is not reached, or is behind. Nobody may act on it as on a state.
 */
export type Reading =
  | { readonly kind: "known"; readonly block: BlockRef; readonly state: ChainState }
  | { readonly kind: "unknown"; readonly why: string };

/** How a call ended. Each ends exactly once. */
export type Sent =
  /** It is in a block and did what it says. Whether the block stays is for `follow` or a finalized reading to tell. */
  | { readonly kind: "mined"; readonly block: BlockRef; readonly transaction: Digest; readonly gas: number }
  /** The contract refuses it: nothing has changed. */
  | { readonly kind: "refused"; readonly refusal: string; readonly message: string }
  /** Another transaction of the same account took its place: it will never be in a block. */
  | { readonly kind: "replaced"; readonly transaction: Digest; readonly message: string }
  /** It never left: the node is not reached, or is behind. */
  | { readonly kind: "unsent"; readonly message: string }
  /** The time is over, and it may yet be in a block: look at the chain before it is made again. */
  | { readonly kind: "unknown"; readonly transaction: Digest; readonly message: string };

/** From where on events are wanted: what `follow` gave last, kept as JSON. */
export interface Cursor {
  /** Blocks that were seen, oldest first; the last is the one that events were told up to. */
  readonly seen: readonly BlockRef[];
}

/** What `follow` tells. */
export type ChainNews =
  | { readonly kind: "event"; readonly event: ChainEvent; readonly block: BlockRef }
  /** All events up to this block were told; go on from the cursor another time. */
  | { readonly kind: "reached"; readonly block: BlockRef; readonly cursor: Cursor }
  /** The chain was reorganised: what was told of blocks after this one did not happen. Undefined: nothing of it did. */
  | { readonly kind: "withdrawn"; readonly after: BlockRef | undefined }
  /** The node cannot be relied on; it is told once, until it can again. */
  | { readonly kind: "unknown"; readonly why: string };

/** What `follow` takes. */
export interface FollowOptions {
  /** Default: from the first block on. */
  readonly from?: Cursor | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The contracts of the market on one chain, for one account. */
export interface LeaseChain {
  /** Where signatures are good. */
  readonly domain: LeaseDomain;
  /** Whose calls are made. */
  readonly account: Account;
  /** Makes a call and waits for its end, in bounded time. It never throws for what the chain or the node does. */
  send(call: ChainCall): Promise<Sent>;
  /** Reads all that is asked for at one block, and tells which. */
  read(query: ChainQuery, at: BlockTag): Promise<Reading>;
  /** Tells events in the order of the chain until the signal aborts, and takes back what a reorganisation undid. */
  follow(options: FollowOptions): AsyncIterable<ChainNews>;
}
