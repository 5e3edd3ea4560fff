import {
  type Clock,
  createSystemClock,
  type LogLevel,
  type LogSink,
  type NodeTelemetry,
  OrreryError,
  type TelemetryHost,
  type TelemetrySource,
} from "@orrery/core";
import { type DebugWatch, type DebugWatchChange, DebugWatches, type DebugWatchOptions } from "./debug-watches.ts";
import { PLUGINS_MAX } from "./limits.ts";
import { LogRouter } from "./log-router.ts";
import { MessageMetrics } from "./message-metrics.ts";
import { MessageTracer, type TracedShare } from "./message-tracer.ts";
import type { Metric } from "./metric.ts";
import { collectNode, counter, gauge } from "./node-metrics.ts";
import type { TelemetryPlugin } from "./plugin.ts";
import { RecentSpans } from "./recent-spans.ts";
import { renderMetrics } from "./render-metrics.ts";
import type { Span, SpanFilter } from "./span.ts";
import { SpanQueue } from "./span-queue.ts";
import type { SpanRecord } from "./span-record.ts";
import { TraceIds } from "./trace-ids.ts";

/** Options of telemetry. */
export interface TelemetryOptions {
  /** Least level of log lines. Default: info. */
  readonly level?: LogLevel;
  /** Levels of single components, by name. Default: none. */
  readonly levels?: Readonly<Record<string, LogLevel>>;
  /** Where log lines go. Default: nowhere. */
  readonly sinks?: readonly LogSink[];
  /** Share of flows that are traced, from 0 to 1. Default: 0.01. */
  readonly ratio?: number;
  /** Whether messages are counted and timed. Default: true. */
  readonly counts?: boolean;
  /** Sinks, exporters and metrics that are added. Default: none. */
  readonly plugins?: readonly TelemetryPlugin[];
}

/** Where log lines go, and which. All of it changes live. */
export interface Logs {
  /** Least level of lines of components that have no level of their own, and of the node itself. */
  readonly level: LogLevel;
  /** Levels of components, by name. */
  readonly levels: Readonly<Record<string, LogLevel>>;
  /**
   * Sets the level of one component, or of all that have none of their own where none is named. A component without a level follows the others again.
   * @throws OrreryError `invalid_argument`, `resource_exhausted` when too many have their own.
   */
  setLevel(level: LogLevel | undefined, component?: string): void;
  /**
   * Whether each message that a component here handles or sends makes a line at level `debug` when it is over: with method, ids of message, flow,
   * trace and span, outcome, and how long it took in ms. Those of operators make none. May be set at any time; false at first.
   */
  messages: boolean;
  /** Adds a sink: it gets the next line. Gives what takes it away again. @throws OrreryError `resource_exhausted`. */
  add(sink: LogSink): () => void;
}

/** What a node measures. */
export interface Metrics {
  /** All of them, as Prometheus reads them. */
  text(): string;
}

/** Follows single flows and components closely, for a while. */
export interface Debug {
  /**
   * Begins to show all messages of a flow or of a component, here and at every node that they lead to: as spans, whatever the ratio is, and as
   * log lines. It ends by itself. @throws OrreryError `invalid_argument`, `resource_exhausted` when there are too many.
   */
  watch(options: DebugWatchOptions): DebugWatch;
  /** Changes one that is there; what is left out stays. @throws OrreryError `not_found`, `invalid_argument`. */
  change(id: number, change: DebugWatchChange): DebugWatch;
  /** Those that have not ended. */
  list(): readonly DebugWatch[];
  /** Ends one; false when there is none of that id. */
  forget(id: number): boolean;
}

/** Logs, traces and metrics of one node: hand it to the node as its option `telemetry`. */
export interface Telemetry extends TelemetrySource, AsyncDisposable {
  readonly logs: Logs;
  readonly metrics: Metrics;
  readonly debug: Debug;
  /** Share of flows that are traced, from 0 to 1. May be set at any time. */
  ratio: number;
  /** The newest finished spans of this node, oldest first. */
  spans(filter?: SpanFilter): readonly Span[];
  /** Adds sinks, exporters and metrics while it runs. @throws OrreryError `already_exists`, `resource_exhausted`. */
  use(plugin: TelemetryPlugin): void;
  /** Exports what is left and closes plugins; call it after the node has stopped. */
  close(): Promise<void>;
}

/**
 * Makes the telemetry of one node.
 * @throws OrreryError `invalid_argument` for a value that cannot be, and as `use`.
 * @example
 * const telemetry = createTelemetry({ plugins: [createOtlpExporter({ url: "http://127.0.0.1:4318/v1/traces" })] });
 * const node = await createMeshNode({ components, telemetry });
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  return new NodeFollower(options);
}

const SHARES = 2 ** 32;

interface Added {
  readonly plugin: TelemetryPlugin;
  readonly queue: SpanQueue | undefined;
}

/** Owns: the parts, the plugins, and how often something of them failed. I1: it follows one node. I2: nothing of a plugin is on the way of a call. */
class NodeFollower implements Telemetry {
  readonly logs: LogRouter;
  readonly metrics: Metrics = { text: () => renderMetrics(this.#collect()) };
  readonly debug: Debug;
  readonly #recent = new RecentSpans();
  readonly #messages: MessageMetrics | undefined;
  readonly #watches: DebugWatches;
  readonly #plugins: Added[] = [];
  readonly #failures = new Map<string, number>();
  #host: TelemetryHost | undefined;
  #machineClock: Clock | undefined;
  #ratio = 0;
  readonly #share: TracedShare = { below: 0 };
  #spans = 0;
  #closed: Promise<void> | undefined;

  constructor(options: TelemetryOptions) {
    const { level, levels, sinks = [], ratio = 0.01, counts = true, plugins = [] } = options;
    this.logs = new LogRouter({ level, levels, onFailure: () => this.#failed("log") });
    this.ratio = ratio;
    this.#messages = counts ? new MessageMetrics() : undefined;
    const watches = new DebugWatches(() => this.#clock);
    this.#watches = watches;
    this.debug = {
      watch: (wanted) => watches.add(wanted),
      change: (id, change) => watches.change(id, change),
      list: () => watches.list(),
      forget: (id) => watches.forget(id),
    };
    for (const sink of sinks) this.logs.add(sink);
    for (const plugin of plugins) this.use(plugin);
  }

  get ratio(): number {
    return this.#ratio;
  }

  set ratio(share: number) {
    if (!(share >= 0 && share <= 1)) {
      const text = `Cannot trace a share of ${share}: write a number from 0 to 1`;
      throw new OrreryError("invalid_argument", text);
    }
    this.#ratio = share;
    this.#share.below = share * SHARES;
  }

  seat(host: TelemetryHost): NodeTelemetry {
    if (this.#host !== undefined) {
      const text = `Cannot follow node "${host.node}" with telemetry that follows "${this.#host.node}": make another`;
      throw new OrreryError("failed_precondition", text); // I1
    }
    this.#host = host;
    const { node, incarnation, clock } = host;
    const watch = new MessageTracer({
      node,
      clock,
      ids: new TraceIds(node, incarnation),
      watches: this.#watches,
      share: this.#share,
      told: this.logs,
      metrics: this.#messages,
      finish: (span) => this.#finish(span),
      log: this.logs.take,
    });
    return { log: this.logs.take, watch };
  }

  spans(filter: SpanFilter = {}): readonly Span[] {
    return this.#recent.find(filter);
  }

  use(plugin: TelemetryPlugin): void {
    const { name } = plugin;
    const refuse = (code: "already_exists" | "resource_exhausted", why: string) =>
      new OrreryError(code, `Cannot use telemetry plugin "${name}": ${why}`);
    if (this.#plugins.some((one) => one.plugin.name === name))
      throw refuse("already_exists", "there is one of that name");
    if (this.#plugins.length >= PLUGINS_MAX) throw refuse("resource_exhausted", `there are ${PLUGINS_MAX} already`);
    if (plugin.log !== undefined) this.logs.add((entry) => this.#try(name, () => plugin.log?.(entry)));
    const queue =
      plugin.exportSpans &&
      new SpanQueue({
        clock: () => this.#clock,
        export: (spans) => plugin.exportSpans?.(spans),
        onFailure: () => this.#failed(name),
      });
    this.#plugins.push({ plugin, queue });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The node's, or before there is one the machine's. */
  get #clock(): Clock {
    if (this.#host !== undefined) return this.#host.clock;
    this.#machineClock ??= createSystemClock();
    return this.#machineClock;
  }

  #finish(span: SpanRecord): void {
    this.#spans++;
    this.#recent.add(span);
    for (const { queue } of this.#plugins) queue?.add(span);
  }

  async #close(): Promise<void> {
    for (const { plugin, queue } of this.#plugins) {
      await queue?.flush();
      try {
        await plugin.close?.();
      } catch {
        this.#failed(plugin.name);
      }
    }
  }

  #collect(): readonly Metric[] {
    const own = [
      ...(this.#messages?.collect() ?? []),
      ...(this.#host ? collectNode(this.#host) : []),
      ...this.#about(),
    ];
    const theirs = this.#plugins.flatMap(({ plugin }) => this.#try(plugin.name, () => plugin.collect?.()) ?? []);
    return [...own, ...theirs];
  }

  /** What telemetry says of itself. */
  #about(): readonly Metric[] {
    const exporters = this.#plugins.flatMap(({ plugin, queue }) => (queue ? [{ exporter: plugin.name, queue }] : []));
    const each = (read: (queue: SpanQueue) => number) =>
      exporters.map(({ exporter, queue }) => ({ labels: { exporter }, value: read(queue) }));
    const one = (value: number) => [{ labels: {}, value }];
    return [
      counter("orrery_log_lines_total", "Lines that went to sinks.", one(this.logs.lines)),
      counter("orrery_spans_total", "Spans that were made.", one(this.#spans)),
      counter(
        "orrery_spans_exported_total",
        "Spans that an exporter took.",
        each(({ exported }) => exported),
      ),
      counter(
        "orrery_spans_dropped_total",
        "Spans that an exporter was too slow for.",
        each(({ dropped }) => dropped),
      ),
      counter(
        "orrery_spans_failed_total",
        "Spans whose export failed.",
        each(({ failed }) => failed),
      ),
      gauge(
        "orrery_spans_waiting",
        "Spans that wait for an exporter.",
        each(({ waiting }) => waiting),
      ),
      gauge("orrery_debug_watches", "Debug watches that hold.", one(this.#watches.list().length)),
      counter(
        "orrery_telemetry_failures_total",
        "How often a sink, exporter or collector failed.",
        [...this.#failures].map(([plugin, value]) => ({ labels: { plugin }, value })),
      ),
    ];
  }

  #try<T>(name: string, act: () => T): T | undefined {
    try {
      return act();
    } catch {
      this.#failed(name); // I2
      return undefined;
    }
  }

  #failed(name: string): void {
    this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
  }
}
