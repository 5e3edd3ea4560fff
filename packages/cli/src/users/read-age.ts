import { usageError } from "../command-error.ts";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Ten years. */
const AGE_MAX_MS = 3_650 * 86_400_000;

/** Reads how long something is good, such as `12h` or `30d`; gives ms. @throws CommandError */
export function readAge(text: string, flag: string): number {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ageMs = Number(count) * (UNITS[unit] ?? 0);
  if (ageMs >= 1 && ageMs <= AGE_MAX_MS) return ageMs;
  throw usageError(`Cannot read flag --${flag}: "${text}" is no time up to 3650d, write one such as 12h or 30d`);
}
