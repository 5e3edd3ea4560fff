import type { Clock, FlowRef, LogEntry, MessageEvent, OrreryError, TraceRef } from "@orrery/core";
import {
  type Envelope,
  flowOf,
  type Head,
  type Incoming,
  Kind,
  type MessageWatch,
  type Parent,
  TraceFlag,
  whenLeft,
} from "@orrery/core/internal";
import type { DebugWatches } from "./debug-watches.ts";
import type { MessageMetrics } from "./message-metrics.ts";
import type { SpanMoment } from "./span.ts";
import { hex, SpanRecord } from "./span-record.ts";
import type { TraceIds } from "./trace-ids.ts";

/** What a tracer needs. */
export interface MessageTracerOptions {
  readonly node: string;
  readonly clock: Clock;
  readonly ids: TraceIds;
  readonly watches: DebugWatches;
  /** How many of 2³² flows are traced, now. */
  readonly below: () => number;
  /** Counts every message; absent where nobody wants to know. */
  readonly metrics: MessageMetrics | undefined;
  /** Takes each span that is over. */
  readonly finish: (span: SpanRecord) => void;
  /** Takes what a debug watch shows. */
  readonly log: (entry: LogEntry) => void;
}

/** What is known of a message that is here to be handled. */
interface Handling {
  readonly atMs: number;
  startedMs: number;
  ended: boolean;
  replied: boolean;
  readonly span: SpanRecord | undefined;
}

type Outcome = MessageEvent["outcome"];

/**
 * Follows the messages of one node: makes spans of those that are traced, and counts all.
 * I1: whether a flow is traced is decided where it begins, or where the first message is sent; what follows from it carries the decision.
 * I2: for a message that is not traced nothing is made, unless messages are counted. I3: each span is finished once.
 */
export class MessageTracer implements MessageWatch {
  readonly #options: MessageTracerOptions;

  constructor(options: MessageTracerOptions) {
    this.#options = options;
  }

  refused({ component, method }: Pick<Head, "component" | "method">, error: OrreryError): void {
    this.#options.metrics?.sent.of({ component, method }).ended(error.kind, error.reason);
  }

  queued(envelope: Envelope, parent: Parent | undefined): SpanRecord | undefined {
    const { head, trace } = envelope;
    if (head === undefined) return undefined;
    const flags = trace === undefined ? this.#decide(envelope, head, parent) : this.#decided(envelope, head, trace);
    if ((flags & TraceFlag.sampled) === 0) return undefined; // I2
    const span = this.#trace(envelope, head, flags);
    whenLeft(envelope, () => this.#moment(span, "sent"));
    this.#show(span, "queued");
    if (envelope.kind === Kind.broadcast) this.#finish(span, "reply", "");
    return span;
  }

  closed(envelope: Envelope, error: OrreryError | undefined, noted: unknown): void {
    const { metrics, clock } = this.#options;
    if (metrics !== undefined && envelope.head !== undefined) {
      const counts = metrics.sent.of(envelope.head);
      const { deadlineMs, budgetMs } = envelope;
      if (budgetMs > 0 && deadlineMs >= budgetMs) counts.times.add(clock.monotonic() - (deadlineMs - budgetMs));
      counts.ended(error?.kind ?? "reply", error?.reason);
    }
    if (noted !== undefined) this.#finish(noted as SpanRecord, error?.kind ?? "reply", error?.reason ?? "");
  }

  returned(): void {}

  settling<S>(_envelope: Envelope, _parent: Parent | undefined, settlers: S): S {
    return settlers;
  }

  incoming(
    kind: "received" | "started" | "ended" | "replied",
    message: Incoming,
    outcome: Outcome,
    reason: string | undefined,
  ): void {
    if (kind === "received") this.#received(message);
    else if (message.noted !== undefined) this.#follow(kind, message, outcome, reason);
  }

  #follow(
    kind: "started" | "ended" | "replied",
    message: Incoming,
    outcome: Outcome,
    reason: string | undefined,
  ): void {
    const handling = message.noted as Handling;
    switch (kind) {
      case "started":
        this.#started(message, handling);
        break;
      case "ended":
        this.#ended(message, handling, outcome);
        break;
      case "replied":
        this.#replied(message, handling, outcome, reason);
    }
  }

  #received(message: Incoming): void {
    const { metrics, clock } = this.#options;
    const { envelope, head, instance } = message;
    const { trace } = envelope;
    const flags = trace === undefined ? this.#watched(message) : this.#decided(envelope, head, trace);
    const isSampled = (flags & TraceFlag.sampled) !== 0;
    if (!isSampled && metrics === undefined) return; // I2
    const span = isSampled ? this.#arrive(message, flags) : undefined;
    if (span !== undefined) this.#show(span, "received");
    if (instance === "") {
      metrics?.handled.known(head).ended("bounced");
      if (span !== undefined) this.#finish(span, "bounced", "");
      return;
    }
    message.noted = { atMs: span?.start.atMs ?? clock.monotonic(), startedMs: 0, ended: false, replied: false, span };
  }

  #started(message: Incoming, handling: Handling): void {
    const nowMs = this.#options.clock.monotonic();
    handling.startedMs = nowMs;
    this.#options.metrics?.handled.of(message.head).waits.add(nowMs - handling.atMs);
    if (handling.span !== undefined) this.#moment(handling.span, "started");
  }

  #ended(message: Incoming, handling: Handling, outcome: Outcome = "reply"): void {
    const { metrics, clock } = this.#options;
    handling.ended = true;
    const { span } = handling;
    const counts = metrics?.handled.of(message.head);
    counts?.times.add(clock.monotonic() - handling.atMs);
    counts?.ended(outcome);
    if (span === undefined) return;
    span.outcome = outcome;
    this.#moment(span, "ended");
    const { kind } = message.envelope;
    const isAnswered = "answered" in message && message.answered === true;
    // An answer follows, unless its sender has it already, wants none, or has given up.
    const isLast = kind === Kind.oneWay || kind === Kind.broadcast || isAnswered || handling.replied;
    if (isLast) this.#finish(span, outcome, "");
  }

  #replied(message: Incoming, handling: Handling, outcome: Outcome = "reply", reason = ""): void {
    const { metrics } = this.#options;
    const { span, startedMs, ended } = handling;
    const { kind } = message.envelope;
    const isAccepted = kind === Kind.oneWay && outcome === "reply";
    const isRefused = startedMs === 0 && !isAccepted;
    if (isRefused) metrics?.handled.of(message.head).ended(outcome, reason);
    handling.replied = true;
    if (span === undefined) return;
    this.#moment(span, "replied");
    // A stream whose reader is gone goes on until its handler has noticed; what was accepted is still to be handled.
    const goesOn = !ended && !isRefused && (isAccepted || kind === Kind.streamOpen);
    if (!goesOn) this.#finish(span, outcome, reason);
  }

  /** Whether a message that belongs to no trace begins one. I1 */
  #decide(envelope: Envelope, head: Head, parent: Parent | undefined): number {
    const { below, ids, node, watches } = this.#options;
    const { flow, id } = envelope;
    const begins = parent === undefined && (flow === undefined || flow.node === node);
    const isSampled = begins && ids.isSampled(flow === undefined ? id : flow.id, below());
    const watched = watches.any ? this.#watchFlags(head, flowOf(envelope, head)) : 0;
    return isSampled ? TraceFlag.sampled | watched : watched;
  }

  /** The flags of a trace that was decided before, and whether a watch here wants to see more. */
  #decided(envelope: Envelope, head: Head, { flags }: TraceRef): number {
    if (!this.#options.watches.any || (flags & TraceFlag.watched) !== 0) return flags;
    return flags | this.#watchFlags(head, flowOf(envelope, head));
  }

  /** Flags of a message that comes without a trace. Its flow is made only where somebody asks. */
  #watched(message: Incoming): number {
    return this.#options.watches.any ? this.#watchFlags(message.head, message.flow) : 0;
  }

  #watchFlags(head: Head, flow: FlowRef): number {
    const { watches } = this.#options;
    return watches.any && watches.takes(head.component, flow) ? TraceFlag.sampled | TraceFlag.watched : 0;
  }

  /** Makes the sender's span, and lets the message carry it. */
  #trace(envelope: Envelope, head: Head, flags: number): SpanRecord {
    const flow = flowOf(envelope, head);
    const span = this.#begin({ head, flow, flags, envelope, instance: head.source.instance, side: "sender" });
    const { traceId, spanId } = span.start;
    envelope.trace = { traceId, spanId, flags, state: envelope.trace?.state ?? "" };
    return span;
  }

  /** Makes the receiver's span, and lets what its handler sends carry it. */
  #arrive(message: Incoming, flags: number): SpanRecord {
    const { envelope, head, flow, instance } = message;
    const span = this.#begin({ head, flow, flags, envelope, instance, side: "receiver" });
    const { traceId, spanId } = span.start;
    message.trace = { traceId, spanId, flags, state: envelope.trace?.state ?? "" };
    return span;
  }

  /** Bytes of ids are shared between spans and messages, and never written to: who may write, as a handler, is given copies. */
  #begin({ head, flow, flags, envelope, side, instance }: Beginning): SpanRecord {
    const { clock, ids, node } = this.#options;
    const atMs = clock.monotonic();
    const traceId = envelope.trace?.traceId ?? ids.trace(flow);
    const parentId = envelope.trace?.spanId;
    const wallMs = clock.now() - atMs;
    const [spanId, message] = [ids.span(), envelope.id];
    return new SpanRecord({
      traceId,
      spanId,
      parentId,
      flags,
      side,
      node,
      instance,
      head,
      message,
      flow,
      atMs,
      wallMs,
    });
  }

  #moment(span: SpanRecord, name: SpanMoment["name"]): void {
    if (span.finished && name !== "sent") return;
    span.moments.push({ name, atMs: this.#options.clock.monotonic() });
    this.#show(span, name);
  }

  #finish(span: SpanRecord, outcome: NonNullable<Outcome>, reason: string): void {
    if (span.finished) return; // I3
    span.finished = true;
    span.endMs = this.#options.clock.monotonic();
    span.outcome = outcome;
    span.reason = reason;
    if (span.start.side === "sender") this.#show(span, "returned");
    this.#options.finish(span);
  }

  /** Writes a line of a message that a debug watch asks for. */
  #show(span: SpanRecord, what: string): void {
    if (!span.watched) return;
    const { node, instance, head, flow, traceId, spanId, side, message } = span.start;
    const { component, method } = head;
    const outcome = span.finished || what === "ended" ? { outcome: span.outcome } : {};
    this.#options.log({
      timeMs: this.#options.clock.now(),
      level: "debug",
      text: `message ${what}`,
      fields: {
        node,
        component: side === "sender" ? componentOf(instance) : component,
        instance,
        method: `${component}.${method}`,
        flow: `${flow.node}/${flow.id}`,
        trace: hex(traceId),
        watched: true,
        message,
        span: hex(spanId),
        ...outcome,
      },
    });
  }
}

interface Beginning {
  readonly head: Head;
  readonly flow: FlowRef;
  readonly flags: number;
  readonly envelope: Envelope;
  readonly side: "sender" | "receiver";
  readonly instance: string;
}

/** The component that an instance is of; empty for a node. */
function componentOf(instance: string): string {
  return instance.slice(0, Math.max(0, instance.lastIndexOf(".")));
}
