import type { Hex } from "viem";
import type { Shown } from "../chain/calls.ts";
import type { BlockRef } from "../chain/lease-chain.ts";
import type { Beat, LeaseState } from "../lease/lease-state.ts";
import type { Signer } from "../lease/recover.ts";
import { domainOf, LEASE_TYPES, type LeaseDomain } from "../lease/typed-data.ts";
import type { Head } from "../meter/ledger.ts";

/** Signs beats with the session key of a lease; undefined where it does not find the pod served. */
export type SignBeat = (beat: Beat) => Promise<Hex | undefined>;

/** Signs beats by a key. */
export function beatSigner(key: Signer, domain: LeaseDomain): SignBeat {
  return (beat) =>
    key.signTypedData({ domain: domainOf(domain), types: LEASE_TYPES, primaryType: "Beat", message: beat as never });
}

/** What a beat is made of. */
export interface BeatFacts {
  readonly head: Head;
  /** Time from which on service is not written yet; undefined where nothing is metered. */
  readonly unwrittenFrom: number | undefined;
  /** The lease as the newest block has it, and that block. */
  readonly lease: LeaseState;
  readonly block: BlockRef;
  /** Version of the volumes. */
  readonly volume: number;
}

/**
 * What can be said of service at the newest block, so that no block to come is before it: as much as the ledger has, where the contract takes it. It has
 * taken what it has, and never takes more seconds than passed since it last heard of service.
 */
export function beatOf({ head, unwrittenFrom, lease, block, volume }: BeatFacts): Beat {
  // What is not written yet is proven by a later beat: the contract takes no seconds from before the time of the last one.
  const madeAt = Math.max(lease.lastBeat, Math.min(block.at, unwrittenFrom ?? block.at));
  const through = Math.max(lease.lastBeat, lease.endsAt === 0 ? madeAt : Math.min(madeAt, lease.endsAt));
  const covered = Math.min(Math.max(head.covered, lease.covered), lease.covered + through - lease.lastBeat);
  const { number: blockNumber, hash: blockHash } = block;
  return { lease: head.lease, madeAt, covered, blockNumber, blockHash, meter: head.digest, volume };
}

/** Makes a beat. @returns undefined where the session does not sign it */
export async function makeBeat(facts: BeatFacts, sign: SignBeat): Promise<Shown | undefined> {
  const beat = beatOf(facts);
  const signature = await sign(beat);
  return signature === undefined ? undefined : { beat, signature };
}
