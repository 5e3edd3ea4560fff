import type { Tape } from "../src/chance/tape.ts";
import { explore } from "../src/explore/explore.ts";
import { runScenario, type ScenarioRun } from "../src/explore/run-scenario.ts";
import { createStopwatch } from "../src/explore/system-stopwatch.ts";
import type { Bug } from "./plant.ts";

/** Runs within which each bug must be found. */
export const BUDGET_RUNS = 2000;

/** One hunt for a bug. */
export interface Hunt {
  /** Runs until it was found; undefined when it was not. */
  readonly runs: number | undefined;
  readonly strategy: string;
  /** Events of the failing run up to the failure, as it was found. */
  readonly events: number;
  /** What the tape says once it is made small. */
  readonly entries: number;
  /** Time of the machine to find it and to make it small, in ms. */
  readonly elapsedMs: number;
}

/** Hunts a bug from one seed on, and makes the failure small. */
export async function hunt({ buggy }: Bug, seed: number): Promise<Hunt> {
  const stopwatch = createStopwatch();
  const { failure, runs, strategy = "", found, tape } = await explore(buggy, { seed, runs: BUDGET_RUNS });
  const { elapsedMs } = stopwatch;
  if (failure === undefined || found === undefined || tape === undefined)
    return { runs: undefined, strategy, events: 0, entries: 0, elapsedMs };
  const first = await runScenario(buggy, { tape: found });
  const small = await runScenario(buggy, { tape });
  return { runs, strategy, events: first.events, entries: entriesOf(tape, small), elapsedMs };
}

/** How much a tape says: faults, delays, decisions of chance, and operations that are left. */
export function entriesOf({ faults, delays, picks }: Tape, { operations }: ScenarioRun): number {
  const keys = Object.keys(picks);
  const count = Object.values(operations).reduce((sum, some) => sum + some, 0);
  const isDropped = (key: string) => key.startsWith("drop ");
  const dropped = keys.filter((key) => isDropped(key) && key.slice(5, key.lastIndexOf(" ")) in operations).length;
  return (
    faults.length +
    Object.keys(delays).length +
    keys.filter((key) => !isDropped(key)).length +
    Math.max(0, count - dropped)
  );
}
