import type { HistogramSample } from "./metric.ts";

/** Upper bounds in seconds, from a tenth of a millisecond to a minute. */
const SECONDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
const MS = Float64Array.from(SECONDS, (bound) => bound * 1000);
const LAST = MS.length;

/** Counts times by how long they are. Adding one allocates nothing; most are short, so it looks from below. */
export class TimeHistogram {
  readonly #counts = new Float64Array(LAST + 1);
  readonly #sumMs = new Float64Array(1);

  add(ms: number): void {
    let index = 0;
    while (index < LAST && ms > (MS[index] as number)) index++;
    (this.#counts[index] as number)++;
    (this.#sumMs[0] as number) += ms;
  }

  sample(labels: HistogramSample["labels"]): HistogramSample {
    return { labels, bounds: SECONDS, counts: [...this.#counts], sum: (this.#sumMs[0] as number) / 1000 };
  }
}
