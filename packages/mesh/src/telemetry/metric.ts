/** One number of a metric, with what tells it from the others of the same metric. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How values are spread. */
export interface HistogramSample {
  readonly labels: Readonly<Record<string, string>>;
  /** Upper bounds, growing, without the last, which is infinite. */
  readonly bounds: readonly number[];
  /** Values up to each bound and above the one before; one more than there are bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** What is measured, with all its numbers. Names and units as Prometheus has them: `orrery_calls_total`, seconds, bytes. */
export type Metric =
  | {
      readonly name: string;
      readonly help: string;
      readonly type: "counter" | "gauge";
      readonly samples: readonly MetricSample[];
    }
  | {
      readonly name: string;
      readonly help: string;
      readonly type: "histogram";
      readonly samples: readonly HistogramSample[];
    };
