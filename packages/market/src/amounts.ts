import { OrreryError } from "@orrery/core";
import { formatUnits } from "viem";
import type { TokenFacts } from "./chain/evm/read-token.ts";
import { RATE_SCALE } from "./lease/dues.ts";

/** Reads an amount as people write it, such as `100` or `0.5`, as base units. @throws OrreryError `invalid_argument` for what is none, or finer than the token */
export function parseAmount(said: string, { symbol, decimals }: TokenFacts): bigint {
  const [, whole, part = ""] = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(said) ?? [];
  if (whole === undefined) throw wrong(said, `write ${symbol}, such as 100 or 0.5`);
  const digits = part.replace(/0+$/, "");
  if (digits.length > decimals) throw wrong(said, `${symbol} has ${decimals} digits behind the point`);
  return BigInt(whole) * 10n ** BigInt(decimals) + BigInt(digits.padEnd(decimals, "0") || "0");
}

/** Writes base units for people: `0.5 COIN`. Nothing is rounded. */
export function printAmount(units: bigint, { symbol, decimals }: TokenFacts): string {
  return `${formatUnits(units, decimals)} ${symbol}`;
}

/** Writes billionths of base units for people, such as prices: nothing is rounded. */
export function printBillionths(billionths: bigint, { symbol, decimals }: TokenFacts): string {
  return `${formatUnits(billionths, decimals + DIGITS_OF_SCALE)} ${symbol}`;
}

const DIGITS_OF_SCALE = String(RATE_SCALE).length - 1;

function wrong(said: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot read amount "${said}": ${why}`);
}
