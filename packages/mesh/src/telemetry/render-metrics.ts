import { METRIC_SAMPLES_MAX } from "./limits.ts";
import type { HistogramSample, Metric, MetricSample } from "./metric.ts";

/** Writes metrics as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4. */
export function renderMetrics(metrics: readonly Metric[]): string {
  const merged = new Map<string, Metric>();
  for (const metric of metrics) {
    const before = merged.get(metric.name);
    // A name stands once, whoever gives it; what says otherwise of it is left out.
    if (before === undefined) merged.set(metric.name, metric);
    else if (before.type === metric.type)
      merged.set(metric.name, { ...before, samples: [...before.samples, ...metric.samples] } as Metric);
  }
  return [...merged.values()].map(renderMetric).join("");
}

/** What a scrape is served as. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function renderMetric(metric: Metric): string {
  if (!NAME.test(metric.name)) return "";
  const { name, help, type } = metric;
  const lines = [`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`, `# TYPE ${name} ${type}`];
  const left = metric.samples.length - METRIC_SAMPLES_MAX;
  if (metric.type === "histogram")
    for (const sample of metric.samples.slice(0, METRIC_SAMPLES_MAX)) lines.push(...histogramLines(name, sample));
  else for (const sample of metric.samples.slice(0, METRIC_SAMPLES_MAX)) lines.push(valueLine(name, sample));
  if (left > 0) lines.push(`# ${left} more samples are left out`);
  return `${lines.join("\n")}\n`;
}

function histogramLines(name: string, { labels, bounds, counts, sum }: HistogramSample): string[] {
  const lines: string[] = [];
  let total = 0;
  for (const [index, count] of counts.entries()) {
    total += count;
    const le = index < bounds.length ? numberText(bounds[index] as number) : "+Inf";
    lines.push(valueLine(`${name}_bucket`, { labels: { ...labels, le }, value: total }));
  }
  lines.push(valueLine(`${name}_sum`, { labels, value: sum }), valueLine(`${name}_count`, { labels, value: total }));
  return lines;
}

function valueLine(name: string, { labels, value }: MetricSample): string {
  const pairs = Object.entries(labels).flatMap(([label, text]) =>
    LABEL.test(label) ? [`${label}="${escaped(text)}"`] : [],
  );
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}
