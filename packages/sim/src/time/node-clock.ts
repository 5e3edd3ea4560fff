import { type Clock, sleepWith, type Timer } from "@orrery/core";
import { TICKS_PER_MS } from "../limits.ts";
import { Phase } from "../order/event-key.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import { createLane } from "../order/lane.ts";
import type { Scheduler } from "../order/scheduler.ts";

/** How a node's clock differs from the world's. */
export interface ClockSkew {
  /** Ms by which its wall clock is ahead; negative when behind. Default: 0. */
  readonly offsetMs?: number;
  /** How much faster it runs: 1e-4 gains 0.1 ms in each second. From above -1 to 1. Default: 0. */
  readonly drift?: number;
}

/** The clock of one life of a modelled node. */
export interface NodeClock extends Clock {
  /** Ms by which the wall clock was set ahead in all, drift not counted. */
  readonly offsetMs: number;
  /** Sets the wall clock ahead, or back when negative. What measures does not see it. */
  jump(byMs: number): void;
  /** Ends every timer: the life is over. */
  stop(): void;
}

/** Options of a node's clock. */
export interface NodeClockOptions {
  readonly scheduler: Scheduler;
  /** Number of the node. */
  readonly node: number;
  /** Wall time of a tick, in ms since 1970. */
  readonly timeOf: (tick: number) => number;
  readonly skew?: ClockSkew;
}

/** Makes a clock over the world's time. Its timers are events of the world, so waiting costs no time. */
export function createNodeClock(options: NodeClockOptions): NodeClock {
  return new SkewedClock(options);
}

/**
 * Owns the timers of one life. I1: `monotonic` never goes back. I2: a timer fires when at least its delay has passed on this very clock.
 */
class SkewedClock implements NodeClock {
  readonly #options: NodeClockOptions;
  readonly #rate: number;
  readonly #timers = new TimerRing();
  readonly #lane = createLane();
  offsetMs: number;
  #stopped = false;

  constructor(options: NodeClockOptions) {
    this.#options = options;
    this.#rate = 1 + (options.skew?.drift ?? 0);
    this.offsetMs = options.skew?.offsetMs ?? 0;
  }

  now(): number {
    const { timeOf, scheduler } = this.#options;
    return timeOf(scheduler.tick) + this.offsetMs + (scheduler.tick * (this.#rate - 1)) / TICKS_PER_MS;
  }

  monotonic(): number {
    return (this.#options.scheduler.tick * this.#rate) / TICKS_PER_MS; // I1
  }

  timer(delayMs: number, fire: () => void): Timer {
    const { scheduler, node } = this.#options;
    if (this.#stopped) return { cancel: () => undefined };
    const delayTicks = Math.max(0, Math.ceil((delayMs * TICKS_PER_MS) / this.#rate)); // I2
    const timer = new RunningTimer(scheduler);
    this.#timers.add(timer);
    timer.event = scheduler.after(delayTicks, {
      phase: Phase.timer,
      target: node,
      origin: node,
      lane: this.#lane,
      run: () => {
        timer.leave();
        fire();
      },
    });
    return timer;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((ms, fire) => this.timer(ms, fire), delayMs, signal);
  }

  jump(byMs: number): void {
    this.offsetMs += byMs;
  }

  stop(): void {
    this.#stopped = true;
    this.#timers.cancelAll();
  }
}

/** A timer that has neither fired nor been cancelled stands in its clock's ring, between two others or the ring's own head. */
class RunningTimer implements Timer {
  readonly #scheduler: Scheduler | undefined;
  event: PlannedEvent | undefined;
  before: RunningTimer = this;
  after: RunningTimer = this;

  constructor(scheduler: Scheduler | undefined) {
    this.#scheduler = scheduler;
  }

  cancel(): void {
    if (this.event === undefined) return;
    this.#scheduler?.cancel(this.event);
    this.leave();
  }

  leave(): void {
    this.event = undefined;
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
  }
}

/** The timers of one clock. A set of a million would cost each timer as much again as its event does. */
class TimerRing {
  readonly #head = new RunningTimer(undefined);

  add(timer: RunningTimer): void {
    timer.before = this.#head.before;
    timer.after = this.#head;
    this.#head.before.after = timer;
    this.#head.before = timer;
  }

  /** Oldest first. */
  cancelAll(): void {
    while (this.#head.after !== this.#head) this.#head.after.cancel();
  }
}
