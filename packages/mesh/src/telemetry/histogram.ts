import type { HistogramSample } from "./metric.ts";

/** Upper bounds in seconds, from a tenth of a millisecond to a minute. */
const SECONDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
const MS = SECONDS.map((bound) => bound * 1000);

/** Counts times by how long they are. Adding one allocates nothing. */
export class TimeHistogram {
  readonly #counts = new Array<number>(MS.length + 1).fill(0);
  #sumMs = 0;

  add(ms: number): void {
    let low = 0;
    let high = MS.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ms <= (MS[middle] as number)) high = middle;
      else low = middle + 1;
    }
    (this.#counts[low] as number)++;
    this.#sumMs += ms;
  }

  sample(labels: HistogramSample["labels"]): HistogramSample {
    return { labels, bounds: SECONDS, counts: [...this.#counts], sum: this.#sumMs / 1000 };
  }
}
