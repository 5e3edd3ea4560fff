const DIGITS: readonly number[] = Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));

/** Four bytes from an offset on, as a number from 0 to 2³² - 1; bytes that are not there are 0. */
export function wordOf(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16);
  return (high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

/** So many words from an index on as hex digits, eight for each. In one call: a text that is put together from parts is a chain of them. */
export function hexOf(words: Float64Array, at: number, count: number): string {
  const codes: number[] = [];
  for (let index = at; index < at + count; index++) {
    const word = (words[index] as number) | 0;
    for (let shift = 28; shift >= 0; shift -= 4) codes.push(DIGITS[(word >>> shift) & 15] as number);
  }
  return String.fromCharCode.apply(undefined, codes);
}

/** Bytes as hex digits. A look at `buffer` would give the bytes a store outside the heap, which costs more than all else of a span. */
export function hexOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
