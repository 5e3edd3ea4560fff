import { typedSigner } from "../lease/recover.ts";
import { type Account, type Digest, faultOf, NOBODY } from "../lease/terms.ts";
import { domainOf, LEASE_TYPES, type LeaseDomain } from "../lease/typed-data.ts";
import { type Amounts, RESERVED, rateOf, USED } from "../meter/prices.ts";
import { type Quote, usageCapOf } from "./quote.ts";

/** What is looked at in a quote, in this order. */
export const QUOTE_CHECKS = [
  ...["domain", "signature", "terms", "expires", "publisher"],
  ...["manifest", "policy", "resources", "rate", "usageCap"],
] as const;

/** One thing that was looked at. */
export interface QuoteCheck {
  readonly name: (typeof QUOTE_CHECKS)[number];
  /** Why it is not so; absent where it is. */
  readonly fault?: string;
}

/** What whoever asked for a quote knows. */
export interface QuoteExpected {
  readonly publisher: Account;
  readonly manifest: Digest;
  readonly policy: Digest;
  readonly reserved: Amounts;
  readonly usedAtMost: Amounts;
  /** The contract that it trusts. */
  readonly domain: LeaseDomain;
  /** Seconds since 1970. */
  readonly nowS: number;
}

/** Looks at a quote: whether the provider signed it, whether it is of what was asked, and whether its sums are right. Everything that is wrong is told. */
export async function verifyQuote(quote: Quote, expected: QuoteExpected): Promise<readonly QuoteCheck[]> {
  const { terms, domain } = quote;
  const { publisher, manifest, policy, nowS } = expected;
  const fault = faultOf(terms);
  const isSameDomain = domain.chainId === expected.domain.chainId && isSame(domain.contract, expected.domain.contract);
  return [
    check("domain", isSameDomain || `it is of ${domain.contract} on chain ${domain.chainId}`),
    check("signature", (await isSigned(quote)) || `${terms.provider} did not sign it`),
    check("terms", fault === undefined || `no lease can have this ${fault}`),
    check("expires", terms.expires > nowS || `it was good until ${nowS - terms.expires} s ago`),
    check("publisher", isFor(terms.publisher, publisher) || `it is for ${terms.publisher} alone`),
    check("manifest", terms.manifest === manifest || `it is of ${terms.manifest}, not of ${manifest}`),
    check("policy", terms.policy === policy || `it is for policy ${terms.policy}, not for ${policy}`),
    check("resources", whyOtherAmounts(quote, expected)),
    check(
      "rate",
      whyOther(terms.rate, () => rateOf(quote.prices, quote.reserved)),
    ),
    check(
      "usageCap",
      whyOther(terms.usageCap, () => usageCapOf(quote.prices, quote.usedAtMost)),
    ),
  ];
}

function check(name: QuoteCheck["name"], good: true | string): QuoteCheck {
  return good === true ? { name } : { name, fault: good };
}

async function isSigned({ terms, domain, signature }: Quote): Promise<boolean> {
  const typed = { domain: domainOf(domain), types: LEASE_TYPES, primaryType: "Terms", message: { ...terms } } as const;
  return (await typedSigner({ ...typed, signature })) === terms.provider.toLowerCase();
}

function isFor(named: Account, publisher: Account): boolean {
  return named === NOBODY || isSame(named, publisher);
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function whyOtherAmounts(quote: Quote, expected: QuoteExpected): true | string {
  const differences = [
    ...RESERVED.map((name) => [name, quote.reserved[name] ?? 0n, expected.reserved[name] ?? 0n] as const),
    ...USED.map((name) => [name, quote.usedAtMost[name] ?? 0n, expected.usedAtMost[name] ?? 0n] as const),
  ].filter(([, quoted, asked]) => quoted !== asked);
  if (differences.length === 0) return true;
  return differences.map(([name, quoted, asked]) => `${name} is ${quoted}, and ${asked} was asked for`).join(", ");
}

function whyOther(said: bigint, sum: () => bigint): true | string {
  try {
    const exact = sum();
    return said === exact || `it is ${said}, and the prices come to ${exact}`;
  } catch (error) {
    return (error as Error).message;
  }
}
