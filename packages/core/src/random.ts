/** Source of chance. Everything that draws lots is handed one. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, bound); `bound` from 1 to 2^53. */
  integer(bound: number): number;
  /** Fresh random bytes; from the system source fit for secrets, from a simulated one not. */
  bytes(count: number): Uint8Array<ArrayBuffer>;
}

const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * Draws a name of 13 letters (65 bits): unique among any number of starts that will ever happen. It is no secret, so it needs no
 * bytes fit for secrets, whose source takes Node longer to load than all else of a node.
 */
export function randomName(random: Random): string {
  return Array.from({ length: 13 }, () => LETTERS[random.integer(LETTERS.length)]).join("");
}
