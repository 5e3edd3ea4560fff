import { usageError } from "../command-error.ts";

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Reads a time such as `90m`, `24h` or `30d` as seconds. @throws CommandError for anything else, and for 0 */
export function parseSeconds(said: string, flag: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(said) ?? [];
  if (count === undefined || Number(count) === 0)
    throw usageError(`Cannot read flag --${flag}: "${said}" is no time, write one such as 24h or 30d`);
  return Number(count) * SECONDS[unit as keyof typeof SECONDS];
}
