import { formatUnits } from "viem";

/** What a price is for, as people have it: how many units that the meter counts, and whether it is held for a time. */
export const PRICED = {
  cpu: { units: 1_000n, isHeld: true },
  memory: { units: 1_024n, isHeld: true },
  storage: { units: 1_024n, isHeld: true },
  ip: { units: 1n, isHeld: true },
  gpu: { units: 1n, isHeld: true },
  egress: { units: 1_048_576n, isHeld: false },
  ingress: { units: 1_048_576n, isHeld: false },
} as const;

/** Seconds of what prices are for; a month has 730 hours, a twelfth of a year. */
const SPANS_S: Readonly<Record<string, bigint>> = { hour: 3_600n, month: 2_628_000n };

const MONEY = /^\d{1,12}(\.\d{1,18})?$/;
const BILLIONTHS = 1_000_000_000n;
/** Digits behind the point that a number may have. */
const DIGITS = 18;

/**
 * The price of one unit, a second where it is held, in billionths of a base unit of the token: rounded up, so that nothing with a price is free.
 * @param text such as `5/month` for a core, or `0.01` for a GiB that is used
 * @returns why it is none, in words
 */
export function parsePrice(name: keyof typeof PRICED, text: string, decimals: number): bigint | string {
  const { units, isHeld } = PRICED[name];
  const [amount = "", span] = text.split("/");
  const seconds = isHeld ? SPANS_S[span ?? ""] : 1n;
  if (seconds === undefined || (!isHeld && span !== undefined) || !MONEY.test(amount))
    return isHeld ? "write tokens an hour or a month, such as 5/month" : "write tokens for each GiB, such as 0.01";
  const scaled = scaledBy(amount, DIGITS) * 10n ** BigInt(decimals) * BILLIONTHS;
  const per = units * seconds * 10n ** BigInt(DIGITS);
  const price = (scaled + per - 1n) / per;
  return price >> 63n === 0n ? price : "it is more than a lease can pay in a second";
}

/** Base units of so many tokens. @throws RangeError for more digits behind the point than the token has */
export function parseMoney(text: string, decimals: number): bigint {
  if (!MONEY.test(text)) throw new RangeError(`"${text}" is no amount of tokens: write one such as 1.5`);
  const digits = text.split(".")[1]?.length ?? 0;
  if (digits > decimals)
    throw new RangeError(`"${text}" has ${digits} digits behind the point, and the token ${decimals}`);
  return scaledBy(text, decimals);
}

/** Tokens of so many base units, for people: `12.5`. */
export function printMoney(units: bigint, decimals: number): string {
  return formatUnits(units, decimals);
}

/** Seconds of a time such as `10m`. */
export function parseSpanS(text: string): number {
  const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 }[text.at(-1) ?? ""] ?? Number.NaN;
  return Number(text.slice(0, -1)) * seconds;
}

/** MiB of a size such as `8GiB`. */
export function parseSizeMiB(text: string): number {
  const [, amount = "", unit = ""] = /^(\d+)(MiB|GiB|TiB)$/.exec(text) ?? [];
  return Number(amount) * ({ MiB: 1, GiB: 1_024, TiB: 1_048_576 }[unit] ?? Number.NaN);
}

function scaledBy(text: string, digits: number): bigint {
  const [whole = "0", part = ""] = text.split(".");
  return BigInt(whole + part.slice(0, digits).padEnd(digits, "0"));
}
