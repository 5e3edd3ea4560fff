import { HEALTH_MAX } from "./limits.ts";

/**
 * How well this node itself is, from 0, which is well: a node that is slow, or hears nobody, waits longer before it blames others. Dadgar and
 * others: Lifeguard, 2018.
 */
export class LocalHealth {
  score = 0;

  /** By what all waits are multiplied. */
  get factor(): number {
    return this.score + 1;
  }

  /** Takes it to be better or worse than before. */
  note(change: number): void {
    this.score = Math.min(HEALTH_MAX, Math.max(0, this.score + change));
  }
}
