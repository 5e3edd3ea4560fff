/** Joins facts into one line, leaving out the empty ones. */
export function listText(facts: readonly string[]): string {
  return facts.filter((fact) => fact !== "").join(", ");
}

/** A text of a peer: as it is when it is a plain word, else in quotes and escaped, so that it cannot steer a terminal. */
export function nameText(text: string): string {
  if (/^[\w.:/@+*-]+$/.test(text)) return text;
  return JSON.stringify(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
}

/** A time in µs in the largest unit that keeps it readable: `250 µs`, `2.5 ms`, `30 s`. */
export function durationText(us: bigint): string {
  if (us < 1000n) return `${us} µs`;
  if (us < 1_000_000n) return `${Number(us) / 1000} ms`;
  return `${Math.round(Number(us) / 1000) / 1000} s`;
}

/** Bytes as hex. */
export function bytesText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
