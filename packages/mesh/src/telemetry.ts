/** Logs, traces and metrics of a node, and live debug watches. */
export type { DebugWatch, DebugWatchChange, DebugWatchOptions } from "./telemetry/debug-watches.ts";
export { type LogRecord, recordOf } from "./telemetry/log-record.ts";
export type { HistogramSample, Metric, MetricSample } from "./telemetry/metric.ts";
export type { TelemetryPlugin } from "./telemetry/plugin.ts";
export { METRICS_TYPE } from "./telemetry/render-metrics.ts";
export type { Span, SpanFilter, SpanMoment } from "./telemetry/span.ts";
export { createLogLines, type LogLines, type LogLinesOptions } from "./telemetry/system-log-lines.ts";
export { type MetricsServer, type MetricsServerOptions, serveMetrics } from "./telemetry/system-metrics-server.ts";
export { createOtlpExporter, type OtlpOptions } from "./telemetry/system-otlp.ts";
export { createProcessMetrics } from "./telemetry/system-process-metrics.ts";
export {
  createTelemetry,
  type Debug,
  type Logs,
  type Metrics,
  type Telemetry,
  type TelemetryOptions,
} from "./telemetry/telemetry.ts";
