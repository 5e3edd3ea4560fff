/**
 * What keeps its order: the frames of one direction of a cable, or the timers of one node. When one of its events is put off, those behind
 * it wait as well.
 */
export interface Lane {
  /** Tick of what was planned on it last; what is planned later comes not before. Timers, which are no queue, leave it at 0. */
  lastTick: number;
  /** Events due from `fromTick` on, and before `toTick`, wait until `toTick`. */
  fromTick: number;
  toTick: number;
}

/** Makes a lane that nothing waits on. */
export function createLane(): Lane {
  return { lastTick: 0, fromTick: 0, toTick: 0 };
}
