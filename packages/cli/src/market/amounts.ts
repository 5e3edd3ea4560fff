import { RATE_SCALE } from "@orrery/market";
import { usageError } from "../command-error.ts";

/** What amounts of a token are for people. */
export interface Token {
  readonly symbol: string;
  /** Digits behind the point. */
  readonly decimals: number;
}

/** Reads an amount as people write it, such as `100` or `0.5`, as base units. @throws CommandError for what is none, or finer than the token */
export function parseAmount(said: string, { symbol, decimals }: Token): bigint {
  const [, whole, part = ""] = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(said) ?? [];
  if (whole === undefined) throw usageError(`Cannot read amount "${said}": write ${symbol}, such as 100 or 0.5`);
  const digits = part.replace(/0+$/, "");
  if (digits.length > decimals)
    throw usageError(`Cannot read amount "${said}": ${symbol} has ${decimals} digits behind the point`);
  return BigInt(whole) * 10n ** BigInt(decimals) + BigInt(digits.padEnd(decimals, "0") || "0");
}

/** Writes base units for people: `0.5 COIN`. Nothing is rounded. */
export function printAmount(units: bigint, { symbol, decimals }: Token): string {
  return `${printDigits(units, decimals)} ${symbol}`;
}

/** Writes billionths of base units for people, such as prices: nothing is rounded. */
export function printBillionths(billionths: bigint, { symbol, decimals }: Token): string {
  return `${printDigits(billionths, decimals + DIGITS_OF_SCALE)} ${symbol}`;
}

const DIGITS_OF_SCALE = String(RATE_SCALE).length - 1;

function printDigits(units: bigint, decimals: number): string {
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, "0");
  const part = decimals === 0 ? "" : digits.slice(-decimals).replace(/0+$/, "");
  const whole = decimals === 0 ? digits : digits.slice(0, -decimals);
  return `${units < 0n ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`;
}
