import { OrreryError } from "@orrery/core";
import { sha256, stringToBytes } from "viem";
import type { Digest } from "../lease/terms.ts";
import { type Amounts, type Prices, RESERVED, rateOf, USED, unitsOf, usageOf } from "./prices.ts";

/** What was metered of a lease in one stretch of time. Stretches follow one another, and have gaps where service is not proven. */
export interface Metered {
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** What was held for the pod. */
  readonly reserved: Amounts;
  /** What it used up meanwhile. */
  readonly used: Amounts;
}

/** A line of a ledger. Its digest is of the line and of the digest before it, so that no line can be changed, left out or put in between. */
export interface Entry extends Metered {
  /** From 1 on. */
  readonly number: number;
  readonly before: Digest;
  readonly digest: Digest;
}

/** What a ledger comes to so far: all that is needed to go on. */
export interface Head {
  readonly lease: Digest;
  readonly number: number;
  readonly digest: Digest;
  /** End of the last stretch; 0 for none. */
  readonly to: number;
  /** Seconds that stretches cover. */
  readonly covered: number;
  /** What it all costs, in billionths of a base unit, exact. */
  readonly billionths: bigint;
}

/** The empty ledger of a lease: its chain begins at the name of the lease. */
export function emptyHead(lease: Digest): Head {
  return { lease, number: 0, digest: lease, to: 0, covered: 0, billionths: 0n };
}

/** What the lease costs so far, in whole base units: what a voucher is asked for. */
export function totalOf({ billionths }: Pick<Head, "billionths">): bigint {
  return unitsOf(billionths);
}

/**
 * Makes the next line, and the head behind it. Both sides of a lease do so by the same prices, and come to the same.
 * @throws OrreryError `invalid_argument` for a stretch that ends before it begins, or begins before the last one ended
 */
export function append(head: Head, metered: Metered, prices: Prices): { readonly entry: Entry; readonly head: Head } {
  const { from, to } = metered;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from >= to || from < head.to) {
    const why = from >= to ? "it ends before it begins" : `the one before ended at ${head.to}`;
    throw new OrreryError("invalid_argument", `Cannot meter from ${from} to ${to}: ${why}`);
  }
  const number = head.number + 1;
  const digest = digestOf(head.digest, { ...metered, number });
  const cost = rateOf(prices, metered.reserved) * BigInt(to - from) + usageOf(prices, metered.used);
  return {
    entry: { from, to, reserved: metered.reserved, used: metered.used, number, before: head.digest, digest },
    head: { ...head, number, digest, to, covered: head.covered + to - from, billionths: head.billionths + cost },
  };
}

/**
 * Reads lines that follow a head, and gives the head behind them.
 * @throws OrreryError `data_loss` for a line that does not follow the one before, naming its number
 */
export function verify(head: Head, entries: readonly Entry[], prices: Prices): Head {
  return entries.reduce((before, entry) => {
    const { number, digest } = entry;
    const isNext = number === before.number + 1 && entry.before === before.digest;
    const next = isNext ? append(before, entry, prices).head : undefined;
    if (next?.digest === digest) return next;
    const why = isNext ? "its digest is not that of its content" : `it does not follow line ${before.number}`;
    throw new OrreryError("data_loss", `Cannot trust line ${number} of the ledger of ${head.lease}: ${why}`);
  }, head);
}

/** Each part has its place and is followed by what no number holds, so that no two lines are written alike. */
function digestOf(before: Digest, { number, from, to, reserved, used }: Metered & { readonly number: number }): Digest {
  const parts = [
    ...[before, number, from, to],
    ...RESERVED.map((resource) => reserved[resource] ?? 0n),
    ...USED.map((resource) => used[resource] ?? 0n),
  ];
  return sha256(stringToBytes(parts.join("|")));
}
