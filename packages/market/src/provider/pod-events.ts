import type { Clock } from "@orrery/core";
import { METRIC_POINTS_MAX, POD_EVENTS_MAX } from "./limits.ts";

/** What happened to a pod. */
export interface PodEventLine {
  readonly atMs: number;
  /** Such as `deployed`, `warned`. */
  readonly kind: string;
  readonly text: string;
}

/** What a pod used, at a time. */
export interface MetricLine {
  readonly atMs: number;
  /** Thousandths of a core, since the point before. */
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly egressBytes: number;
  readonly ingressBytes: number;
  readonly storageBytes: number;
  readonly copies: number;
}

/** What a provider remembers of a pod for its publisher, so much of it at most. */
export interface PodHistory {
  tell(kind: string, text: string): void;
  events(): readonly PodEventLine[];
  measure(point: MetricLine): void;
  points(sinceMs: number): readonly MetricLine[];
}

/** Makes one of which nothing is told. */
export function createPodHistory(clock: Pick<Clock, "now">): PodHistory {
  const events: PodEventLine[] = [];
  const points: MetricLine[] = [];
  return {
    tell: (kind, text) => {
      events.push({ atMs: clock.now(), kind, text });
      if (events.length > POD_EVENTS_MAX) events.shift();
    },
    events: () => [...events],
    measure: (point) => {
      points.push(point);
      if (points.length > METRIC_POINTS_MAX) points.shift();
    },
    points: (sinceMs) => points.filter(({ atMs }) => atMs >= sinceMs),
  };
}
