import type { Random } from "@orrery/core";
import { mix } from "@orrery/core/internal";

/** Chance that is the same for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
  const integer = (bound: number) => Math.floor(next() * bound);
  return { next, integer, bytes: (count) => Uint8Array.from({ length: count }, () => integer(256)) };
}
