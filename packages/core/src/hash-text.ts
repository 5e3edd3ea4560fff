/** Hashes a text to 32 bits, signed: FNV-1a over its UTF-16 units. `seed` gives another hash of the same text. Not for secrets. */
export function fnv1a(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** Hashes a text to 32 bits, unsigned and well spread: FNV-1a with the last step of MurmurHash3. */
export function hashText(text: string, seed = 0): number {
  return mix(fnv1a(text, seed));
}

/** Spreads the bits of a number over 32, unsigned: every one of them changes half of the result. */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
