import type { Random } from "../random.ts";

/** Makes random numbers that are the same for the same seed (mulberry32); not fit for secrets. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uint32 = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    next: () => uint32() / 2 ** 32,
    integer: (bound) => Math.floor((uint32() / 2 ** 32) * bound),
    bytes: (count) => Uint8Array.from({ length: count }, () => uint32() & 0xff),
  };
}
