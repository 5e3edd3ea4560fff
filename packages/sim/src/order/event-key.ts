/** What kind of thing happens, in the order in which they happen within one round of a tick. */
export const Phase = { control: 0, fault: 1, delivery: 2, timer: 3, test: 4 } as const;

/** Number of a phase. */
export type Phase = (typeof Phase)[keyof typeof Phase];

/**
 * Place of an event in the order of the world. No two are equal, so the order is total and does not depend on what was scheduled first.
 * Compared field by field, in the order in which they stand here.
 */
export interface EventKey {
  /** Virtual time in µs since the world began; a whole number. */
  readonly tick: number;
  /** Counts within a tick: what an event causes at its own tick comes a round later. */
  readonly round: number;
  readonly phase: Phase;
  /** Number of the node at which it happens; 0 for the world itself. */
  readonly target: number;
  /** Number of the node that caused it. */
  readonly origin: number;
  /** Counts what the origin has caused. */
  readonly sequence: number;
}

/** Compares two events of one round: negative when the first comes first. */
export function compareWithinRound(a: EventKey, b: EventKey): number {
  return a.phase - b.phase || a.target - b.target || a.origin - b.origin || a.sequence - b.sequence;
}

/** Writes a key for people and traces, such as `1500000.0/2/3<1#17`. */
export function formatKey({ tick, round, phase, target, origin, sequence }: EventKey): string {
  return `${tick}.${round}/${phase}/${target}<${origin}#${sequence}`;
}
