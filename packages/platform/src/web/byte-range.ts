/** Which bytes of a file are wanted: all of them, some, or none that it has. */
export type ByteRange =
  | { readonly kind: "all" }
  | { readonly kind: "part"; readonly offset: number; readonly length: number }
  | { readonly kind: "outside" };

/**
 * Reads the header `Range` for a file of some bytes. One range is served; several at once, and what is no range, mean the whole file, as
 * RFC 9110, 14.2 allows.
 */
export function readRange(header: string | undefined, bytes: number): ByteRange {
  const [, first, last] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return { kind: "all" };
  if (first === "") {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? { kind: "outside" } : { kind: "part", offset: bytes - length, length };
  }
  const offset = Number(first);
  if (last !== "" && Number(last) < offset) return { kind: "all" };
  if (offset >= bytes) return { kind: "outside" };
  const end = last === "" ? bytes : Math.min(Number(last) + 1, bytes);
  return { kind: "part", offset, length: end - offset };
}
