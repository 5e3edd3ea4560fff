import type { Clock, Timer } from "@orrery/core";

/** One timer for the earliest time at which something is to be looked at again. */
export class ReplanTimer {
  readonly #clock: Clock;
  readonly #fire: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, fire: () => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  /** Fires at a time of the clock's monotonic, and no longer when it fired before; infinite for never. */
  set(atMs: number): void {
    this.cancel();
    if (Number.isFinite(atMs)) this.#timer = this.#clock.timer(Math.max(0, atMs - this.#clock.monotonic()), this.#fire);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
