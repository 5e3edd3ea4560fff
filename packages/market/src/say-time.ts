/** Says a time of a chain, seconds since 1970, as people and programs read it: `2026-11-23T10:00:00Z`. */
export function sayTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
}
