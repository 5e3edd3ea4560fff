import type { Random } from "./random.ts";

declare const crypto: { getRandomValues<T extends Uint8Array>(into: T): T };

/** Makes the random source of production: the platform's cryptographic generator. */
export function createSystemRandom(): Random {
  return {
    next: () => Math.random(),
    integer: (bound) => Math.floor(Math.random() * bound),
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
}
