import { OrreryError } from "@orrery/core";
import { LINEARIZABILITY_STEPS_MAX, STEPS_PER_LOOK } from "./limits.ts";

/** How long a check of linearizability may take; over it, the verdict is unknown. */
export interface LinearizabilityOptions {
  /** Steps of the model, counted alike on every machine. Default: 5,000,000, some seconds. */
  readonly stepsMax?: number;
  /** Time, in ms of `now`. Default: any. */
  readonly withinMs?: number;
  /** Clock for `withinMs`, in ms. */
  readonly now?: () => number;
}

/** What is left of a budget. */
export interface StepBudget {
  /** Takes a step; false when there is none left. */
  spend(): boolean;
  readonly steps: number;
  /** What ran out. */
  readonly exhausted: "steps" | "time" | undefined;
}

/**
 * Makes a budget that nothing was spent of.
 * @throws OrreryError `invalid_argument` for a limit of time without a clock, or a limit that is no number from 1
 */
export function createBudget({
  stepsMax = LINEARIZABILITY_STEPS_MAX,
  withinMs,
  now,
}: LinearizabilityOptions): StepBudget {
  if (!(stepsMax >= 1)) throw invalid(`stepsMax ${stepsMax}`, "give a number from 1");
  if (withinMs === undefined) return new CountedBudget(stepsMax, () => false);
  if (!(withinMs >= 0)) throw invalid(`withinMs ${withinMs}`, "give a number of milliseconds");
  if (now === undefined) throw invalid(`withinMs ${withinMs}`, "give the clock too, as now");
  const end = now() + withinMs;
  return new CountedBudget(stepsMax, () => now() > end);
}

class CountedBudget implements StepBudget {
  readonly #stepsMax: number;
  readonly #isLate: () => boolean;
  steps = 0;
  exhausted: "steps" | "time" | undefined;

  constructor(stepsMax: number, isLate: () => boolean) {
    this.#stepsMax = stepsMax;
    this.#isLate = isLate;
  }

  spend(): boolean {
    if (this.exhausted !== undefined) return false;
    if (this.steps >= this.#stepsMax) this.exhausted = "steps";
    else if (this.steps % STEPS_PER_LOOK === 0 && this.#isLate()) this.exhausted = "time";
    else this.steps++;
    return this.exhausted === undefined;
  }
}

function invalid(what: string, instead: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot check with ${what}: ${instead}`);
}
