import type { Tape } from "../chance/tape.ts";
import type { Failure } from "../explore/failure.ts";
import { createScenarioWorld, playScenario } from "../explore/run-scenario.ts";
import type { Scenario } from "../explore/scenario.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import type { ModelWorld } from "../world/model-world.ts";

/** How far a run is to go on. Without any of these, to its end. */
export interface Goal {
  /** Last tick that may run; the clock goes on to it. */
  readonly tick?: number;
  /** Whether to stop before an event that is the next one. */
  readonly isBefore?: (event: PlannedEvent) => boolean;
  /** Whether to stop, asked before each event. */
  readonly isReached?: () => boolean;
}

/** A run of a scenario that goes on only as far as it is told to. */
export interface SteppedRun {
  readonly world: ModelWorld;
  /** How it ended; undefined while it goes on. */
  readonly ended: { readonly failure: Failure | undefined } | undefined;
  /** Goes on up to a goal, or to the end of the run. */
  go(goal: Goal): Promise<void>;
  /** Lets `go` stop before the next event. */
  interrupt(): void;
  /** Gives the run up. */
  end(): Promise<void>;
}

/** What makes a run go the way it goes. */
export interface SteppedRunOptions {
  readonly seed?: number;
  readonly tape?: Tape;
}

/** Begins a run that stands before its first event. */
export async function startSteppedRun(scenario: Scenario, options: SteppedRunOptions): Promise<SteppedRun> {
  const run = new GatedRun(createScenarioWorld(scenario, { ...options, notes: true, trace: "keep" }));
  await run.begin(scenario);
  return run;
}

const NOWHERE: Goal = { isReached: () => true };

/** Thrown into a run that nobody goes on with. */
const GIVEN_UP = new Error("The run was given up");

/** Owns the gate of a world. I1: between two calls of `go`, no event runs and no time passes. */
class GatedRun implements SteppedRun {
  readonly world: ModelWorld;
  ended: { readonly failure: Failure | undefined } | undefined;
  #goal: Goal = NOWHERE;
  #playing: Promise<void> = Promise.resolve();
  /** The event that a goal stopped before: the next goal is not stopped by it. */
  #stoppedBefore: PlannedEvent | undefined;
  #paused = Promise.withResolvers<void>();
  /** What the world waits for while it is paused. */
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(world: ModelWorld) {
    this.world = world;
    world.gate = (endTick) => this.#next(endTick);
  }

  async begin(scenario: Scenario): Promise<void> {
    this.#playing = playScenario(scenario, this.world).then((failure) => {
      this.ended = { failure };
    });
    await Promise.race([this.#paused.promise, this.#playing]);
  }

  async go(goal: Goal): Promise<void> {
    if (this.ended !== undefined) return;
    this.#goal = goal;
    this.#paused = Promise.withResolvers();
    this.#waiting?.resolve();
    await Promise.race([this.#paused.promise, this.#playing]);
  }

  interrupt(): void {
    this.#goal = NOWHERE;
  }

  async end(): Promise<void> {
    this.#goal = NOWHERE;
    this.#waiting?.reject(GIVEN_UP);
    await this.#playing;
    this.world.end();
  }

  #next(endTick: number): boolean | Promise<void> {
    const { scheduler } = this.world;
    const { tick: goalTick = Number.POSITIVE_INFINITY, isBefore, isReached } = this.#goal;
    if (isReached?.() === true) return this.#pause();
    const tick = Math.min(endTick, goalTick);
    const next = isBefore === undefined ? undefined : scheduler.peek();
    if (next !== undefined && next.tick <= tick && next !== this.#stoppedBefore && isBefore?.(next) === true) {
      this.#stoppedBefore = next;
      return this.#pause();
    }
    if (scheduler.step(tick) !== undefined) return true;
    if (goalTick >= endTick) return false;
    scheduler.advance(goalTick);
    return this.#pause();
  }

  #pause(): Promise<void> {
    this.#goal = NOWHERE; // I1
    this.#waiting = Promise.withResolvers();
    this.#paused.resolve();
    return this.#waiting.promise;
  }
}
