import type { ChainCall } from "../chain/calls.ts";
import { RATE_SCALE } from "../lease/dues.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { Terms } from "../lease/terms.ts";
import { isSpent } from "../meter/next-claim.ts";
import { type DarkFacts, darkSince } from "./dark-looks.ts";
import type { FollowerRecord, TopUp } from "./lease-follower.ts";
import { fundsUntil } from "./standing.ts";

/** What a publisher knows when it asks what to do. */
export interface PublisherFacts extends DarkFacts {
  readonly record: FollowerRecord;
  /** Whether looks enough found that nothing proves service. */
  readonly isDark: boolean;
  /** Whether the provider asks for more than its ledger says. */
  readonly isClaimFalse: boolean;
  /** What the ledger comes to, as far as it was read. */
  readonly owed: bigint;
  readonly challengesMax: number;
  readonly topUp: TopUp | undefined;
}

/** What a publisher asks of the contract now, apart from money that it puts in. Of an unknown chain nothing follows. */
export function nextPublisherCall(facts: PublisherFacts): ChainCall | undefined {
  const { terms, latest, record, challengesMax } = facts;
  const [lease] = latest.kind === "known" ? latest.state.leases : [];
  if (latest.kind === "unknown" || lease === undefined) return undefined;
  const { at } = latest.block;
  const wantsOut = record.closingSince !== undefined;
  switch (lease.stage) {
    case "Open":
      return wantsOut || at > lease.openedAt + terms.startWindow ? { kind: "cancel", terms } : undefined;
    case "Active":
    case "Closing":
    case "Overdrawn":
    case "Defaulted": {
      if (lease.answerBy !== 0) return at > lease.answerBy ? { kind: "fail", terms } : undefined;
      if (lease.settlesAt !== 0 && at >= lease.settlesAt) return { kind: "settle", terms };
      if (lease.stage === "Defaulted") return undefined;
      const isSuspect = facts.isClaimFalse || facts.isDark;
      if (isSuspect && record.challenges < challengesMax && mayChallenge(terms, lease, at))
        return { kind: "challenge", terms };
      if (wantsOut || (isSuspect && record.challenges >= challengesMax)) return noticeOf(terms, lease, at);
      return undefined;
    }
    default:
      return undefined;
  }
}

/** Money to put in now; undefined for none. Nothing is put in for a provider that is dark by one look, or that asks for what it did not serve. */
export function nextTopUp(facts: PublisherFacts): (ChainCall & { readonly kind: "fund" }) | undefined {
  const { terms, latest, record, topUp, owed, isClaimFalse } = facts;
  const [lease] = latest.kind === "known" ? latest.state.leases : [];
  if (latest.kind === "unknown" || lease === undefined || topUp === undefined) return undefined;
  const mayRun = lease.stage === "Active" || (lease.stage === "Overdrawn" && latest.block.at < lease.settlesAt);
  if (!mayRun || record.closingSince !== undefined || lease.answerBy !== 0 || isClaimFalse) return undefined;
  if (lease.stage === "Active" && !isSpent(terms, lease) && darkSince(facts) !== undefined) return undefined;
  if (record.toppedUp + topUp.amount > topUp.most) return undefined;
  const { at } = latest.block;
  if (fundsUntil(terms, lease, { at, owed }) - at >= topUp.belowS) return undefined;
  return { kind: "fund", terms, amount: topUp.amount };
}

/** What so many seconds cost by the rate of the terms, rounded up. */
export function costOf({ rate }: Pick<Terms, "rate">, seconds: number): bigint {
  return (rate * BigInt(seconds) + RATE_SCALE - 1n) / RATE_SCALE;
}

/** Whether the contract takes a challenge now. */
function mayChallenge(terms: Terms, lease: LeaseState, at: number): boolean {
  const { endsAt, lastBeat, calmUntil, restFrom, restTo } = lease;
  if (endsAt !== 0 && at > endsAt) return false;
  if (at < Math.max(lastBeat + terms.beatPeriod, calmUntil)) return false;
  return !(restFrom <= at + terms.responseWindow && at < restTo);
}

/** Notice, where it ends the lease sooner than it ends by itself. */
function noticeOf(terms: Terms, { settlesAt }: LeaseState, at: number): ChainCall | undefined {
  return settlesAt === 0 || at + terms.publisherNotice < settlesAt ? { kind: "close", terms } : undefined;
}
