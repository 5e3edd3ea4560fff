import type { LogEntry } from "@orrery/core";
import type { Metric } from "./metric.ts";
import type { Span } from "./span.ts";

/**
 * What a user adds to telemetry: any of these. None of them is on the way of a call; one that throws or rejects is counted in
 * `orrery_telemetry_failures_total`, and nothing else happens.
 * @example
 * const plugin: TelemetryPlugin = { name: "mine", log: (entry) => lines.push(entry.text) };
 */
export interface TelemetryPlugin {
  /** Names it in metrics; unique within one telemetry. */
  readonly name: string;
  /** Gets every line that its level lets through, with secrets taken out. It must not wait. */
  log?(entry: LogEntry): void;
  /** Gets finished spans in batches of at most 512, one batch at a time. Spans wait for it, up to a bound; then they are dropped and counted. */
  exportSpans?(spans: readonly Span[]): void | Promise<void>;
  /** Gives metrics of its own at every scrape; names begin with something of its own, not with `orrery_`. */
  collect?(): readonly Metric[];
  /** Called once, after the last span was exported. */
  close?(): void | Promise<void>;
}
