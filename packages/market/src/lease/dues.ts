import type { Terms } from "./terms.ts";

/** Rates are so many parts of a base unit, so that coins of few decimals can pay for small things. */
export const RATE_SCALE = 1_000_000_000n;

/** The most that so many seconds of proven service may cost, rounded up once for all of them. */
export function capOf({ rate, usageCap }: Pick<Terms, "rate" | "usageCap">, seconds: number): bigint {
  return roundedUp((rate + usageCap) * BigInt(seconds));
}

/** What so many seconds of proven service cost at least, rounded up once for all of them. */
export function baseOf({ rate }: Pick<Terms, "rate">, seconds: number): bigint {
  return roundedUp(rate * BigInt(seconds));
}

/** What `penaltyOf` looks at. */
export type PenaltyTerms = Pick<
  Terms,
  "rate" | "bond" | "grace" | "tier1" | "factor1" | "tier2" | "factor2" | "factor3" | "earningsFactor"
>;

/**
 * What a provider forfeits for so many seconds of darkness, where it earned so much by the lease: nothing within grace, then more a second with each
 * tier, and never more than the bond. Rounded down.
 */
export function penaltyOf(terms: PenaltyTerms, darkSeconds: number, earned: bigint): bigint {
  const beyond = Math.max(0, darkSeconds - terms.grace);
  const first = Math.min(beyond, terms.tier1);
  const second = Math.min(beyond - first, terms.tier2);
  const third = beyond - first - second;
  const weighed =
    BigInt(first) * BigInt(terms.factor1) +
    BigInt(second) * BigInt(terms.factor2) +
    BigInt(third) * BigInt(terms.factor3);
  const due = least((terms.rate * weighed) / RATE_SCALE, terms.bond);
  return terms.earningsFactor === 0 ? due : least(due, earned * BigInt(terms.earningsFactor));
}

function roundedUp(billionths: bigint): bigint {
  return (billionths + RATE_SCALE - 1n) / RATE_SCALE;
}

/** The least of amounts. `Math.min` takes none that are big. */
export function least(first: bigint, ...others: readonly bigint[]): bigint {
  return [first, ...others].toSorted(byValue)[0] ?? first;
}

/** The most of amounts. */
export function most(first: bigint, ...others: readonly bigint[]): bigint {
  return [first, ...others].toSorted(byValue).at(-1) ?? first;
}

function byValue(one: bigint, other: bigint): number {
  return Number(one > other) - Number(one < other);
}
