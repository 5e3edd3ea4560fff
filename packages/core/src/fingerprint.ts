const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = (1n << 64n) - 1n;

/**
 * Interface fingerprint: FNV-1a, 64 bits, over the UTF-8 text of the parts joined by single newlines, as 16 lower-case hex digits.
 * It tells contracts apart by accident, not against an attacker.
 */
export function fingerprint(parts: readonly string[]): string {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(parts.join("\n"))) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  return hash.toString(16).padStart(16, "0");
}
