/**
 * What keeps its order: the frames of one direction of a cable, or the timers of one node. When one of its events is put off, those that are
 * due after it wait as well.
 */
export interface Lane {
  /** Tick of what was planned on it last; what is planned later comes not before. Timers, which are no queue, leave it at 0. */
  lastTick: number;
}

/** Makes a lane with nothing on it. */
export function createLane(): Lane {
  return { lastTick: 0 };
}
