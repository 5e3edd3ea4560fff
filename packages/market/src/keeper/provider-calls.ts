import type { ChainCall, Shown } from "../chain/calls.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import { totalOf } from "../meter/ledger.ts";
import { type ClaimFacts, isSpent, nextClaim } from "../meter/next-claim.ts";

/**
 * What a provider is to prove now: the answer to a challenge, its return after it was found dark, or service from before that. Of a challenge that is
 * too late to be answered it says so itself, for darkness is counted until it returns.
 */
export function nextProofCall({ terms, latest, shown }: ClaimFacts): ChainCall | undefined {
  if (latest.kind === "unknown") return undefined;
  const [lease] = latest.state.leases;
  const { at } = latest.block;
  if (lease === undefined) return undefined;
  if (lease.answerBy !== 0) {
    if (at > lease.answerBy) return { kind: "fail", terms };
    return shown !== undefined && isSince(shown, lease) ? { kind: "answer", terms, ...shown } : undefined;
  }
  if (shown === undefined) return undefined;
  const returns = lease.stage === "Defaulted" && lease.returnedAt === 0;
  return returns && isSince(shown, lease) ? { kind: "comeBack", terms, ...shown } : undefined;
}

/** What a provider asks of the contract about money now; in the end that the lease is settled. */
export function nextMoneyCall(facts: ClaimFacts): ChainCall | undefined {
  const { terms, latest, shown, head } = facts;
  if (latest.kind === "unknown") return undefined;
  const [lease] = latest.state.leases;
  const { at } = latest.block;
  if (lease === undefined) return undefined;
  if (lease.stage === "Open") return at > lease.openedAt + terms.startWindow ? { kind: "cancel", terms } : undefined;
  const claim = nextClaim(facts);
  if (claim.kind === "call") return claim.call;
  if (!RUNNING.includes(lease.stage)) return undefined;
  const isAtEnd = lease.endsAt !== 0 || totalOf(head) >= lease.deposit;
  const isToShow = isAtEnd && !isSpent(terms, lease) && shown !== undefined && provesMore(shown, lease, at);
  if (isToShow) return { kind: "show", terms, ...shown };
  return lease.settlesAt !== 0 && at >= lease.settlesAt && lease.answerBy === 0 ? { kind: "settle", terms } : undefined;
}

const RUNNING: readonly string[] = ["Active", "Closing", "Overdrawn", "Defaulted"];

/** Whether a beat was made since the challenge, or the default. */
function isSince({ beat }: Shown, { challengedIn }: LeaseState): boolean {
  return beat.blockNumber >= challengedIn;
}

/** Whether a beat proves service that the chain does not know of: what is settled is paid by what is proven, and what is used up must be. */
function provesMore({ beat }: Shown, { stage, endsAt, lastBeat, covered }: LeaseState, at: number): boolean {
  if (beat.madeAt > at || beat.madeAt < lastBeat || beat.covered < covered) return false;
  if (stage === "Defaulted" && beat.madeAt > endsAt) return false; // Made after it was found dark: that proves nothing of the time before.
  const through = endsAt === 0 ? beat.madeAt : Math.min(beat.madeAt, endsAt);
  const isLater = stage === "Defaulted" && through > lastBeat;
  return (beat.covered > covered || isLater) && beat.covered - covered <= through - lastBeat;
}
