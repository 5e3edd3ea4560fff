import type { Reading } from "../chain/lease-chain.ts";
import { baseOf, most, RATE_SCALE } from "../lease/dues.ts";
import { type LeaseState, servedSeconds } from "../lease/lease-state.ts";
import type { Terms } from "../lease/terms.ts";
import { isSpent, isUsedUp } from "../meter/next-claim.ts";
import { sayTime } from "../say-time.ts";

/**
 * What is done to a pod, from nothing to the worst: it runs; its publisher is warned; its processes are stopped and its volumes kept, as long as the
 * lease can come back; the same where it cannot; its volumes are deleted.
 */
export const STANDING_STEPS = ["run", "warn", "suspend", "keep", "delete"] as const;

/** One of `STANDING_STEPS`. */
export type StandingStep = (typeof STANDING_STEPS)[number];

/** How a lease stands with its provider. */
export interface Standing {
  readonly step: StandingStep;
  /** Since when, seconds since 1970, by the chain; what is suspended and then kept is so since it was suspended. */
  readonly since: number;
  /** In words. */
  readonly why: string;
  /** Why nothing is known of the chain now, so that the step stays; undefined where it is known. */
  readonly frozen?: string | undefined;
}

/** What is looked at. */
export interface StandingFacts {
  readonly terms: Terms;
  readonly before: Standing;
  /** The newest reading of this lease alone. */
  readonly latest: Reading;
  /** The same, of a block that stays. */
  readonly finalized: Reading;
  /** What the ledger comes to, in whole base units. */
  readonly owed: bigint;
  /** It is warned when funds last less than so many seconds. */
  readonly warnS: number;
  /** Volumes of a pod that does not run are kept for so many seconds. */
  readonly keepS: number;
}

/** Where a lease stands that nobody looked at yet. */
export const NO_STANDING: Standing = { step: "run", since: 0, why: "" };

/**
 * Says how a lease stands.
 *
 * I1. Of an unknown chain nothing follows: the step stays, and it is said why.
 * I2. It gets worse only where a block that stays says so, and the newest does too. It gets better where either does.
 * I3. Of a lease without notice, processes are stopped only when service has ended by the chain, so that nobody can call the provider dark for it.
 * I4. Volumes are deleted only after they were kept their time, of a lease that is over for good. What is deleted stays so.
 */
export function standingOf(facts: StandingFacts): Standing {
  const { before, latest, finalized, keepS } = facts;
  if (before.step === "delete") return before;
  if (latest.kind === "unknown") return freeze(before, latest.why);
  if (finalized.kind === "unknown") return freeze(before, finalized.why);
  const { at } = latest.block;
  const [newest, final] = [judge(facts, latest.state.leases[0], at), judge(facts, finalized.state.leases[0], at)];
  const isStopped = rankOf(before.step) >= rankOf("suspend");
  // A lease that is used up runs until the chain has been told so: until then it could be challenged.
  const told = newest.isToBeTold && !isStopped ? { ...newest, step: "warn" as const } : newest;
  const found = rankOf(told.step) <= rankOf(final.step) ? told : final;
  const since = finalized.block.at;
  if (found.step === "keep" && isStopped && since - before.since >= keepS)
    return { step: "delete", since, why: `${found.why}, and its volumes were kept for ${keepS} s` };
  if (found.step === before.step) return { step: before.step, since: before.since, why: found.why };
  const goesOn = isStopped && rankOf(found.step) >= rankOf("suspend");
  return { step: found.step, since: goesOn ? before.since : since, why: found.why };
}

/** Until when the deposit lasts, by the rate of the terms, seconds since 1970. @param lease as it was at a time @param owed what the ledger comes to */
export function fundsUntil(
  terms: Terms,
  lease: LeaseState,
  { at, owed }: { readonly at: number; readonly owed: bigint },
): number {
  const spent = most(lease.paid, owed, baseOf(terms, servedSeconds(lease)));
  const left = lease.deposit > spent ? lease.deposit - spent : 0n;
  return at + Number((left * RATE_SCALE) / terms.rate);
}

/** Whether a step is worse than another, better, or the same, as a sort has it. */
function rankOf(step: StandingStep): number {
  return STANDING_STEPS.indexOf(step);
}

interface Judgement {
  readonly step: StandingStep;
  readonly why: string;
  /** It is used up, and the chain has not been told. */
  readonly isToBeTold?: boolean;
}

/** What one state of the lease says by itself. */
function judge(facts: StandingFacts, lease: LeaseState | undefined, at: number): Judgement {
  switch (lease?.stage) {
    case "Open":
      return { step: "run", why: "the lease is open" };
    case "Active":
      if (isUsedUp(facts.terms, lease)) return { step: "suspend", why: "the deposit is used up", isToBeTold: true };
      return judgeFunds(facts, lease, at);
    case "Closing":
      if (at >= lease.endsAt)
        return { step: "suspend", why: `notice was given, and service ended at ${sayTime(lease.endsAt)}` };
      if (isSpent(facts.terms, lease)) return { step: "suspend", why: "notice was given, and the deposit is used up" };
      return { step: "warn", why: `notice was given, service ends at ${sayTime(lease.endsAt)}` };
    case "Overdrawn":
      return { step: "suspend", why: "the deposit is used up" };
    case "Defaulted":
      return { step: "suspend", why: "the provider was found dark" };
    case "Settled":
      return { step: "keep", why: "the lease is settled" };
    default:
      return { step: "keep", why: "the chain has no such lease" };
  }
}

function judgeFunds({ terms, owed, warnS }: StandingFacts, lease: LeaseState, at: number): Judgement {
  const until = fundsUntil(terms, lease, { at, owed });
  if (until - at < warnS) return { step: "warn", why: `funds last until ${sayTime(until)}` };
  return { step: "run", why: "it is paid for" };
}

function freeze({ step, since, why }: Standing, unknown: string): Standing {
  return { step, since, why, frozen: `the chain is unknown: ${unknown}; nothing changes until it is known` };
}
