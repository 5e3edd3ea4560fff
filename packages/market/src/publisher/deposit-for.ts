import { RATE_SCALE } from "../lease/dues.ts";
import { HOUR_S, perHourOf, type Quote } from "../quote/quote.ts";

/** Base units by which a lease lasts so many seconds at least, at the most that use may cost. */
export function depositFor({ terms }: Pick<Quote, "terms">, seconds: number): bigint {
  const exact = (perHourOf(terms).atMost * BigInt(seconds)) / BigInt(HOUR_S);
  return exact / RATE_SCALE + 1n;
}
