import type { ChainCall, Shown } from "../chain/calls.ts";
import type { Reading } from "../chain/lease-chain.ts";
import { baseOf, capOf, least, most } from "../lease/dues.ts";
import { type LeaseState, servedSeconds } from "../lease/lease-state.ts";
import type { Terms } from "../lease/terms.ts";
import { type Head, totalOf } from "./ledger.ts";
import type { SignedVoucher } from "./vouchers.ts";

/** What a provider knows of a lease when it asks what to do. */
export interface ClaimFacts {
  readonly terms: Terms;
  /** The newest reading of this lease alone. */
  readonly latest: Reading;
  /** The same, of a block that stays. */
  readonly finalized: Reading;
  readonly head: Head;
  /** The best that the publisher signed. */
  readonly voucher?: SignedVoucher | undefined;
  /** The newest beat of the session key. */
  readonly shown?: Shown | undefined;
  /** Less than so much more is not worth a transaction. */
  readonly dust: bigint;
}

/** What to do about money now. */
export type Claim =
  | { readonly kind: "call"; readonly call: ChainCall }
  | { readonly kind: "nothing"; readonly why: string };

const RUNNING: readonly string[] = ["Active", "Closing", "Overdrawn", "Defaulted"];

/**
 * Decides what a provider asks of the contract: the voucher first, then what it proposed, then another proposal, and that the deposit is used up only
 * where a block that stays says so. Of an unknown chain nothing follows.
 */
export function nextClaim(facts: ClaimFacts): Claim {
  const { terms, latest, finalized, voucher, dust } = facts;
  if (latest.kind === "unknown") return nothing(`the chain is unknown: ${latest.why}`);
  const [lease] = latest.state.leases;
  if (lease === undefined || !RUNNING.includes(lease.stage))
    return nothing(`the lease is ${lease?.stage ?? "not known"}`);
  // What uses up the deposit is never too little: only then can it be said that it is used up.
  const worth = (total: bigint) =>
    total > lease.paid && (total - lease.paid >= most(dust, 1n) || total >= lease.deposit);
  if (voucher !== undefined && worth(least(voucher.total, lease.deposit))) {
    const { total, upTo, signature } = voucher;
    return { kind: "call", call: { kind: "redeem", terms, total, upTo, signature } };
  }
  if (lease.proposed > lease.paid && lease.answerBy === 0 && latest.block.at >= lease.payableAt)
    return { kind: "call", call: { kind: "collect", terms } };
  const proposal = proposalOf(facts, { lease, now: latest.block.at });
  if (proposal !== undefined && worth(proposal.total) && proposal.total > lease.proposed)
    return { kind: "call", call: proposal };
  if (
    lease.stage === "Active" &&
    finalized.kind === "known" &&
    isUsedUp(terms, finalized.state.leases[0]) &&
    isUsedUp(terms, lease)
  )
    return { kind: "call", call: { kind: "drain", terms } };
  return nothing("nothing more is due");
}

/** What the ledger comes to, as far as a beat proves it; undefined where no proposal can be made now. */
function proposalOf({ terms, head, shown }: ClaimFacts, { lease, now }: { lease: LeaseState; now: number }) {
  if (shown === undefined || lease.proposed > 0n) return undefined;
  const { beat } = shown;
  if (beat.madeAt < lease.lastBeat || beat.madeAt > now || beat.covered < lease.covered) return undefined;
  if (lease.settlesAt !== 0 && now + terms.challengeWindow > lease.settlesAt) return undefined;
  const through = lease.endsAt === 0 ? beat.madeAt : Math.min(beat.madeAt, lease.endsAt);
  const after = { ...lease, covered: beat.covered, lastBeat: Math.max(lease.lastBeat, through) };
  const total = least(totalOf(head), lease.deposit, capOf(terms, servedSeconds(after)));
  return { kind: "propose", terms, total, ...shown } as const;
}

/** Whether what is paid or proven comes to the deposit of a lease that runs, by what the chain has: then the provider may say so. */
export function isUsedUp(terms: Terms, lease: LeaseState | undefined): boolean {
  return lease !== undefined && lease.stage === "Active" && isSpent(terms, lease);
}

/** Whether what is paid or proven comes to the deposit, by what the chain has. */
export function isSpent(terms: Terms, lease: LeaseState): boolean {
  return most(lease.paid, baseOf(terms, servedSeconds(lease))) >= lease.deposit;
}

function nothing(why: string): Claim {
  return { kind: "nothing", why };
}
