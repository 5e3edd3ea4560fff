/** The beginning of a digest or an account. */
export function shortHex(hex: string): string {
  return `${hex.slice(0, 10)}…`;
}

/** A time for people, of ms since 1970. */
export function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace("T", " ").concat(" UTC");
}

/** For how long money lasts. @param untilS seconds since 1970; 0 for not known */
export function lasts(untilS: number, nowMs: number): string {
  if (untilS === 0) return "not known";
  const left = untilS - nowMs / 1_000;
  if (left <= 0) return "used up";
  const [unit, seconds] =
    left < 7_200 ? (["min", 60] as const) : left < 172_800 ? (["h", 3_600] as const) : (["days", 86_400] as const);
  return `${Math.floor(left / seconds)} ${unit}`;
}
