import { evaluate } from "./evaluate.ts";
import { SHORT_TEXT_READ_MAX } from "./limits.ts";

/** Reads `length` bytes as text if all are ASCII; undefined if not, or if there are more than `SHORT_TEXT_READ_MAX`. */
export type ShortTextReader = (bytes: Uint8Array, start: number, length: number) => string | undefined;

/**
 * Makes the reader of short ASCII text. One call of `String.fromCharCode` with each code as an argument of its own is quicker than any
 * loop, and than `TextDecoder`; so the reader is compiled with one case per length, where compiling is allowed.
 */
export function createShortTextReader(): ShortTextReader {
  const cases: string[] = [];
  for (let length = 1; length <= SHORT_TEXT_READ_MAX; length++) cases.push(shortTextCase(length));
  const source = `return (bytes, start, length) => { switch (length) { case 0: return ""; ${cases.join("\n")} } };`;
  return (evaluate(source, {}) as ShortTextReader | undefined) ?? plainShortText;
}

function shortTextCase(length: number): string {
  const names = Array.from({ length }, (_, index) => `c${index}`);
  const loads = names.map((name, index) => `${name} = bytes[start + ${index}]`).join(", ");
  return `case ${length}: { const ${loads}; if ((${names.join(" | ")}) > 127) return; return String.fromCharCode(${names}); }`;
}

/** The same without compiled code. */
export function plainShortText(bytes: Uint8Array, start: number, length: number): string | undefined {
  if (length > SHORT_TEXT_READ_MAX) return undefined;
  const codes = new Array<number>(length);
  for (let index = 0; index < length; index++) {
    const code = bytes[start + index] as number;
    if (code > 0x7f) return undefined;
    codes[index] = code;
  }
  return String.fromCharCode.apply(String, codes);
}
