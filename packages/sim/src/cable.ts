import type { Random } from "@orrery/core";
import { Phase } from "./event-key.ts";
import { drawLatency, type Latency } from "./latency.ts";
import type { Scheduler } from "./scheduler.ts";

/** One direction between two nodes: what is put in at one end comes out at the other, later, in order. */
export interface Cable {
  /** Puts in what is to run at the other end. */
  put(run: () => void): void;
  /** Holds everything back from now on; what is on its way already still arrives. */
  hold(): void;
  /** Lets go of what was held back, as if each had been put in now. */
  release(): void;
}

/** Options of a cable. */
export interface CableOptions {
  readonly scheduler: Scheduler;
  /** Numbers of the nodes at its ends. */
  readonly from: number;
  readonly to: number;
  readonly latency: Latency;
  readonly random: Random;
}

/** Makes a cable that lets through. */
export function createCable(options: CableOptions): Cable {
  return new OrderedCable(options);
}

/** Owns what is held back. I1: what was put in first arrives first, as over one TCP connection. */
class OrderedCable implements Cable {
  readonly #options: CableOptions;
  readonly #held: (() => void)[] = [];
  #lastArrivalTick = 0;
  #isHeld = false;

  constructor(options: CableOptions) {
    this.#options = options;
  }

  put(run: () => void): void {
    if (this.#isHeld) this.#held.push(run);
    else this.#send(run);
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    for (const run of this.#held.splice(0)) this.#send(run);
  }

  #send(run: () => void): void {
    const { scheduler, from, to, latency, random } = this.#options;
    const arrivalTick = Math.max(scheduler.tick + drawLatency(latency, random), this.#lastArrivalTick); // I1
    this.#lastArrivalTick = arrivalTick;
    scheduler.after(arrivalTick - scheduler.tick, { phase: Phase.delivery, target: to, origin: from, run });
  }
}
