import type { PlannedEvent } from "./event-queue.ts";

/** Decides what happens next where more than one thing could. */
export interface Strategy {
  /** Events that come due within so many ticks of the next one could come before it. */
  readonly slackTicks: number;
  /** Events that are looked at, at most. */
  readonly eventsMax: number;
  /**
   * Which event is next: an index. They stand in their order, and 0 is the one whose turn it is. Those that stand before the chosen one are
   * put off until after it.
   */
  choose(enabled: readonly PlannedEvent[]): number;
}
