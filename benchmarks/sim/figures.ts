import { median } from "../lib/statistics.ts";
import type { Figures, Results, Sample } from "./results.ts";

/** What was counted in a second of a sample. */
export function rateOf({ counts, elapsedMs }: Sample, counted: string): number {
  return ((counts[counted] ?? Number.NaN) / elapsedMs) * 1000;
}

/** Makes the figures of a run. */
export function createFigures({ measurements }: Pick<Results, "measurements">): Figures {
  const of = (cell: string, contestant: string, figure: (sample: Sample) => number): number | undefined => {
    const found = measurements.find((one) => one.cell === cell && one.contestant === contestant);
    return found === undefined || found.samples.length === 0 || found.failure !== undefined
      ? undefined
      : median(found.samples.map(figure));
  };
  return {
    of,
    rate: (cell, contestant, counted) => of(cell, contestant, (sample) => rateOf(sample, counted)),
    count: (cell, contestant, counted) => of(cell, contestant, ({ counts }) => counts[counted] ?? Number.NaN),
    ms: (cell, contestant) => of(cell, contestant, ({ elapsedMs }) => elapsedMs),
  };
}
