import type { Random } from "@orrery/core";

/** Draws of a play. */
export interface Chances {
  /** Whether it happens, where it does in so great a share of cases. */
  chance(share: number): boolean;
  /** One of some. */
  of<T>(choices: readonly T[]): T;
  /** An integer in [0, bound). */
  integer(bound: number): number;
  /** An amount above the bottom and up to the top, at times one beyond. */
  near(top: bigint, bottom: bigint): bigint;
}

/** Draws from a seeded source. */
export function chancesOf(random: Random): Chances {
  const chance = (share: number) => random.next() < share;
  const integer = (bound: number) => random.integer(bound);
  const of = <T>(choices: readonly T[]) => choices[integer(choices.length)] as T;
  const near = (top: bigint, bottom: bigint) => {
    if (chance(0.2)) return of([top, top + 1n, bottom]);
    const span = top > bottom ? top - bottom : 1n;
    return bottom + 1n + BigInt(integer(Number(span)));
  };
  return { chance, of, integer, near };
}
