import type { Counts } from "./program.ts";

/** What one window, or one run, says. */
export interface Sample {
  /** What was done, by name. */
  readonly counts: Counts;
  readonly elapsedMs: number;
  /** CPU time of the process, its own threads included, in µs. */
  readonly cpuMicros: number;
  /** Share of the machine that others took meanwhile. */
  readonly foreign: number;
}

/** One contestant in one cell: a sample for each round. */
export interface Measurement {
  readonly cell: string;
  readonly contestant: string;
  readonly samples: readonly Sample[];
  /** Why it was given up. */
  readonly failure?: string;
}

/** Everything that one run found. */
export interface Results {
  readonly machine: string;
  readonly python: string;
  readonly rounds: number;
  readonly windowMs: number;
  readonly seed: number;
  readonly measurements: readonly Measurement[];
}

/** Finds figures: medians over the rounds of what a contestant did in a cell; undefined where that was not measured. */
export interface Figures {
  /** A figure that is made of each sample. */
  of(cell: string, contestant: string, figure: (sample: Sample) => number): number | undefined;
  /** What was counted in a second. */
  rate(cell: string, contestant: string, counted: string): number | undefined;
  /** What was counted. */
  count(cell: string, contestant: string, counted: string): number | undefined;
  /** How long a window or run took, in ms. */
  ms(cell: string, contestant: string): number | undefined;
}
