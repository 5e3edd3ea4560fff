import type { Random } from "@orrery/core";
import { hashText, mix } from "@orrery/core/internal";

/** Lots of a world. Each purpose has a sequence of its own, so that one more node, or one more draw, shifts no other. */
export interface Draws {
  /** The lots of one purpose, such as `latency` of the link `a>b`: always the same sequence for the same seed. */
  stream(purpose: string, scope?: string): Random;
}

/** Makes the lots of a seed. */
export function createDraws(seed: number): Draws {
  return { stream: (purpose, scope = "") => new KeyedRandom(`${seed}\u0000${purpose}\u0000${scope}`) };
}

const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/** Lots that depend on a key and a counter alone: each is a hash of both. */
class KeyedRandom implements Random {
  readonly #high: number;
  readonly #low: number;
  #counter = 0;

  constructor(key: string) {
    this.#high = hashText(key, 0x9e3779b9);
    this.#low = hashText(key, 0x85ebca6b);
  }

  next(): number {
    return this.#bits() / TWO_53;
  }

  integer(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1)
      throw new RangeError(`Cannot draw below ${bound}: give a whole number from 1`);
    return bound > TWO_32 ? this.#bits() % bound : Math.floor(this.next() * bound);
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    const drawn = new Uint8Array(count);
    for (let index = 0; index < count; index++) drawn[index] = this.#bits() & 0xff;
    return drawn;
  }

  /** 53 bits. */
  #bits(): number {
    const counter = ++this.#counter;
    const word = counter >>> 0;
    const high = mix(this.#high ^ Math.imul(word, 0x9e3779b1) ^ Math.floor(counter / TWO_32));
    const low = mix(this.#low + Math.imul(word, 0xc2b2ae3d) + high);
    return (high >>> 5) * 2 ** 26 + (low >>> 6);
  }
}
