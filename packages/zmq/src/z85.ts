import { ZmqError } from "./errors.ts";

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));
const WORD_MAX = 0xffffffff;

/**
 * Encodes bytes as Z85 text (RFC 32): five printable letters for every four bytes.
 * @throws ZmqError `invalid_argument` when the length is not a multiple of four.
 */
export function encodeZ85(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) {
    throw new ZmqError("invalid_argument", `Cannot encode ${bytes.length} bytes as Z85: use a multiple of 4`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const word = view.getUint32(at);
    for (let divisor = 85 ** 4; divisor >= 1; divisor /= 85) text += ALPHABET[Math.floor(word / divisor) % 85];
  }
  return text;
}

/**
 * Decodes Z85 text (RFC 32). The text is not repeated in errors, because it may be a secret key.
 * @throws ZmqError `invalid_argument` when the length is not a multiple of five, a letter is none of the 85, or a
 * group of five is more than four bytes hold.
 */
export function decodeZ85(text: string): Uint8Array {
  if (text.length % 5 !== 0) {
    throw new ZmqError("invalid_argument", `Cannot decode Z85 of ${text.length} letters: use a multiple of 5`);
  }
  const bytes = new Uint8Array((text.length / 5) * 4);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group * 5 < text.length; group++) {
    let word = 0;
    for (let at = group * 5; at < group * 5 + 5; at++) word = word * 85 + valueAt(text, at);
    if (word > WORD_MAX) {
      throw new ZmqError(
        "invalid_argument",
        `Cannot decode Z85: letters ${group * 5}-${group * 5 + 4} are over 32 bits`,
      );
    }
    view.setUint32(group * 4, word);
  }
  return bytes;
}

function valueAt(text: string, at: number): number {
  const value = VALUES.get(text.charAt(at));
  if (value === undefined)
    throw new ZmqError("invalid_argument", `Cannot decode Z85: letter ${at} is not one of the 85`);
  return value;
}
