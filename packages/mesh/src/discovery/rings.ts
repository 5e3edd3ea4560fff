import { hashText } from "@orrery/core/internal";
import { RINGS } from "./limits.ts";

/** Whoever stands on the rings. */
export interface RingMember {
  readonly node: string;
  /** Where it stands on each ring. */
  readonly places: readonly number[];
}

/** Where a node stands on each ring: all nodes compute the same. */
export function ringPlaces(node: string): readonly number[] {
  return Array.from({ length: RINGS }, (_, ring) => hashText(node, ring + 1));
}

/**
 * The nodes before and after one on each ring. Rings in unlike orders make a graph of few edges that does not fall apart (an expander): the
 * watching of Rapid, Suresh and others, 2018. Few nodes are all neighbours. Neighbourhood is mutual where views agree.
 */
export function neighboursOf<M extends RingMember>(self: RingMember, others: Iterable<M>): readonly M[] {
  const found = new Set<M>();
  const all = [...others];
  if (all.length <= 2 * RINGS) return all;
  for (let ring = 0; ring < RINGS; ring++) {
    const own = self.places[ring] as number;
    let next = all[0] as M;
    let previous = next;
    for (const other of all) {
      if (stepsFrom(own, other, ring) < stepsFrom(own, next, ring)) next = other;
      if (stepsFrom(own, other, ring) > stepsFrom(own, previous, ring)) previous = other;
    }
    found.add(next).add(previous);
  }
  return [...found];
}

/** How far a node comes after a place, going round. */
function stepsFrom(own: number, other: RingMember, ring: number): number {
  return ((other.places[ring] as number) - own) >>> 0;
}
