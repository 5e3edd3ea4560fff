import { OrreryError } from "@orrery/core";
import type { Watchdog } from "../capture/system-watchdog.ts";
import type { WorldCapture } from "../capture/world-capture.ts";
import { EVENTS_MAX, TICKS_PER_MS } from "../limits.ts";
import type { Scheduler } from "../order/scheduler.ts";
import { drive, type Pace, paceOf, type Step } from "./system-drive.ts";
import type { RunOptions, WaitOptions } from "./world.ts";

/** Who decides about each event of a world besides its order. */
export interface RunnerHooks {
  /** Called before each event, when all that the one before led to has happened; what it throws ends the run. */
  onQuiet: (() => void) | undefined;
  /** Runs the next event up to a tick in the place of the scheduler; false when there is none, or what to wait for first. */
  gate: ((endTick: number) => boolean | Promise<void>) | undefined;
  /** Holds the globals of the world's code, and says what is done for real meanwhile. */
  readonly capture: WorldCapture | undefined;
  /** Ends the process when an event does not end. */
  readonly watchdog: Watchdog | undefined;
}

/** Lets a world run: event by event, for a time, up to something. */
export interface WorldRunner {
  step(): Promise<boolean>;
  tick(): Promise<boolean>;
  run(options?: RunOptions): Promise<void>;
  until(isTrue: () => boolean, options?: WaitOptions): Promise<void>;
  settle<T>(promise: PromiseLike<T>, options?: WaitOptions): Promise<T>;
  /** Runs what stands before a tick, or up to where something becomes true. */
  runBefore(tick: number, isStopped: () => boolean): Promise<void>;
}

/** Makes what lets a world run. */
export function createWorldRunner(scheduler: Scheduler, hooks: RunnerHooks): WorldRunner {
  return new SingleRunner(scheduler, hooks);
}

const WAIT_MS = 3_600_000;

/** I1: only one of its methods runs events at a time. */
class SingleRunner implements WorldRunner {
  readonly #scheduler: Scheduler;
  readonly #hooks: RunnerHooks;
  #running = false;

  constructor(scheduler: Scheduler, hooks: RunnerHooks) {
    this.#scheduler = scheduler;
    this.#hooks = hooks;
  }

  async step(): Promise<boolean> {
    let ran = false;
    await this.#drive(() => {
      const more = !ran && this.#stepBefore(Number.POSITIVE_INFINITY);
      ran ||= more === true;
      return more;
    });
    return ran;
  }

  async tick(): Promise<boolean> {
    const { nextTick } = this.#scheduler;
    if (nextTick === undefined) return false;
    await this.#drive(() => this.#stepBefore(nextTick));
    return true;
  }

  async run({ forMs, until, eventsMax = EVENTS_MAX, speed }: RunOptions = {}): Promise<void> {
    const endTick = forMs === undefined ? Number.POSITIVE_INFINITY : this.#tickAfter(forMs);
    let events = 0;
    let isStopped = false;
    const step = () => {
      if (until?.() === true) isStopped = true;
      if (isStopped) return false;
      if (events++ >= eventsMax) throw this.#endless(eventsMax);
      return this.#stepBefore(endTick);
    };
    await this.#drive(step, speed === undefined ? undefined : paceOf(speed, this.#scheduler));
    if (forMs !== undefined && !isStopped) this.#scheduler.advance(endTick);
  }

  async until(isTrue: () => boolean, { withinMs = WAIT_MS }: WaitOptions = {}): Promise<void> {
    const endTick = this.#tickAfter(withinMs);
    await this.#drive(() => !isTrue() && this.#stepBefore(endTick));
    if (isTrue()) return;
    throw this.#late("it did not become true", withinMs);
  }

  async settle<T>(promise: PromiseLike<T>, { withinMs = WAIT_MS }: WaitOptions = {}): Promise<T> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    const endTick = this.#tickAfter(withinMs);
    await this.#drive(() => !isSettled && this.#stepBefore(endTick));
    if (!isSettled) throw this.#late("the promise is still pending", withinMs);
    return await promise;
  }

  async runBefore(tick: number, isStopped: () => boolean): Promise<void> {
    await this.#drive(() => !isStopped() && this.#stepBefore(tick - 1));
  }

  get #elapsedMs(): number {
    return this.#scheduler.tick / TICKS_PER_MS;
  }

  #tickAfter(ms: number): number {
    if (!(ms >= 0)) throw new OrreryError("invalid_argument", `Cannot run for ${ms} ms: write a number from 0`);
    return this.#scheduler.tick + Math.round(ms * TICKS_PER_MS);
  }

  #stepBefore(endTick: number): boolean | Promise<void> {
    const { capture, watchdog, onQuiet, gate } = this.#hooks;
    const pause = capture?.pause();
    if (pause !== undefined) {
      watchdog?.rest();
      return pause;
    }
    onQuiet?.();
    return gate?.(endTick) ?? this.#scheduler.step(endTick) !== undefined;
  }

  async #drive(step: Step, pace?: Pace): Promise<void> {
    if (this.#running)
      throw new OrreryError("failed_precondition", "Cannot run the world: it is running, wait for what runs it"); // I1
    this.#running = true;
    try {
      await drive(step, pace);
    } finally {
      this.#running = false;
      this.#hooks.watchdog?.rest();
    }
  }

  #late(what: string, withinMs: number): OrreryError {
    const why =
      this.#scheduler.planned === 0
        ? "nothing is left to happen, so it waits for something outside of the world, or for nothing"
        : `${withinMs} ms have passed`;
    return new OrreryError("deadline_exceeded", `Cannot wait on at ${this.#elapsedMs} ms: ${what}, and ${why}`);
  }

  #endless(eventsMax: number): OrreryError {
    const text = `Cannot run on at ${this.#elapsedMs} ms: ${eventsMax} events have run and ${this.#scheduler.planned} are planned, give forMs or a larger eventsMax`;
    return new OrreryError("resource_exhausted", text);
  }
}
