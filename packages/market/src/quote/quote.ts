import type { Hex, LocalAccount } from "viem";
import type { Account, Digest, Terms } from "../lease/terms.ts";
import { faultOf } from "../lease/terms.ts";
import { domainOf, LEASE_TYPES, type LeaseDomain } from "../lease/typed-data.ts";
import { type Amounts, type Prices, rateOf, unitsOf, usageOf } from "../meter/prices.ts";

/** Seconds of an hour: prices for people are of so many. */
export const HOUR_S = 3_600;

/** What a provider asks for, and on which conditions. */
export interface PriceList {
  readonly prices: Prices;
  /** Seconds of the rate that are the bond. */
  readonly bondS: number;
  /** Seconds for which a quote can be taken. */
  readonly validS: number;
  readonly conditions: Conditions;
}

/** What holds for each lease alike. */
export type Conditions = Omit<
  Terms,
  "provider" | "publisher" | "manifest" | "policy" | "rate" | "usageCap" | "bond" | "expires" | "nonce"
>;

/** What is to be quoted. */
export interface QuoteRequest {
  /** Who alone may take the quote; `NOBODY` for whoever has it. */
  readonly publisher: Account;
  readonly manifest: Digest;
  readonly policy: Digest;
  readonly reserved: Amounts;
  /** The most of each that is used in an hour. */
  readonly usedAtMost: Amounts;
}

/** A provider's offer: terms, what they were made of, and its signature over them. */
export interface Quote {
  readonly terms: Terms;
  readonly prices: Prices;
  readonly reserved: Amounts;
  readonly usedAtMost: Amounts;
  /** Where a lease is opened by it. */
  readonly domain: LeaseDomain;
  /** By the provider, of the terms as typed data. */
  readonly signature: Hex;
}

/**
 * Makes the terms of a quote.
 * @throws OrreryError `failed_precondition` for what has no price, and `out_of_range` for what is dearer than a lease can be
 */
export function termsOf(
  list: PriceList,
  request: QuoteRequest,
  { provider, nowS, nonce }: { readonly provider: Account; readonly nowS: number; readonly nonce: bigint },
): Terms {
  const { publisher, manifest, policy, reserved, usedAtMost } = request;
  const rate = rateOf(list.prices, reserved);
  const terms: Terms = {
    ...list.conditions,
    ...{ provider, publisher, manifest, policy, nonce, rate },
    usageCap: usageCapOf(list.prices, usedAtMost),
    bond: unitsOf(rate * BigInt(list.bondS)),
    expires: nowS + list.validS,
  };
  const fault = faultOf(terms);
  if (fault === undefined) return terms;
  throw new TypeError(`a price list makes terms whose ${fault} no lease can have`);
}

/** The most that use may cost in a second, rounded up: what is used in an hour, spread over it. */
export function usageCapOf(prices: Prices, usedAtMost: Amounts): bigint {
  return (usageOf(prices, usedAtMost) + BigInt(HOUR_S) - 1n) / BigInt(HOUR_S);
}

/** Signs terms as a quote. */
export async function signQuote(
  unsigned: Omit<Quote, "signature">,
  { key }: { readonly key: LocalAccount },
): Promise<Quote> {
  const { terms, domain } = unsigned;
  const typed = { domain: domainOf(domain), types: LEASE_TYPES, primaryType: "Terms", message: { ...terms } } as const;
  return { ...unsigned, signature: await key.signTypedData(typed as never) };
}

/** What an hour costs, in billionths of a base unit: what is reserved, exactly, and with the most that may be used. */
export function perHourOf({ rate, usageCap }: Pick<Terms, "rate" | "usageCap">): {
  readonly reserved: bigint;
  readonly atMost: bigint;
} {
  return { reserved: rate * BigInt(HOUR_S), atMost: (rate + usageCap) * BigInt(HOUR_S) };
}
