import type { Clock, FlowRef, LogEntry, LogFields, MessageEvent, OrreryError, TraceRef } from "@orrery/core";
import {
  type Envelope,
  flowOf,
  type Head,
  type Incoming,
  Kind,
  type MessageWatch,
  messageName,
  type Parent,
  TraceFlag,
  whenLeft,
} from "@orrery/core/internal";
import type { DebugWatches } from "./debug-watches.ts";
import { hexOfBytes } from "./hex.ts";
import type { MessageMetrics, MethodTable } from "./message-metrics.ts";
import type { SpanMoment } from "./span.ts";
import { SpanRecord } from "./span-record.ts";
import type { TraceIds } from "./trace-ids.ts";

/** How many of 2³² flows are traced, now. */
export interface TracedShare {
  below: number;
}

/** Whether each message of its node makes a line, now. */
export interface ToldMessages {
  readonly messages: boolean;
}

/** What a tracer needs. */
export interface MessageTracerOptions {
  readonly node: string;
  readonly clock: Clock;
  readonly ids: TraceIds;
  readonly watches: DebugWatches;
  readonly share: TracedShare;
  readonly told: ToldMessages;
  /** Counts every message; absent where nobody wants to know. */
  readonly metrics: MessageMetrics | undefined;
  /** Takes each span that is over. */
  readonly finish: (span: SpanRecord) => void;
  /** Takes what a debug watch shows, and what messages are told. */
  readonly log: (entry: LogEntry) => void;
}

type Outcome = MessageEvent["outcome"];

/**
 * Follows the messages of one node: makes spans of those that are traced, and counts all.
 * I1: whether a flow is traced is decided where it begins, or where the first message is sent; what follows from it carries the decision.
 * I2: for a message that is not traced nothing is made; where messages are counted, it carries a number. I3: each span is finished once.
 * I4: what every message goes through looks at the clock only where nobody else has.
 */
export class MessageTracer implements MessageWatch {
  readonly #options: MessageTracerOptions;
  readonly #clock: Clock;
  readonly #ids: TraceIds;
  readonly #share: TracedShare;
  readonly #told: ToldMessages;
  readonly #watches: DebugWatches;
  readonly #sent: MethodTable | undefined;
  readonly #handled: MethodTable | undefined;

  constructor(options: MessageTracerOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#share = options.share;
    this.#told = options.told;
    this.#watches = options.watches;
    this.#sent = options.metrics?.sent;
    this.#handled = options.metrics?.handled;
  }

  refused({ component, method }: Pick<Head, "component" | "method">, error: OrreryError): void {
    this.#sent?.of({ component, method }).ended(error.kind, error.reason);
  }

  queued(envelope: Envelope, parent: Parent | undefined): SpanRecord | undefined {
    const { head, trace } = envelope;
    const isBegun = trace === undefined && this.#isSampled(envelope, parent);
    if (trace === undefined && !isBegun && !this.#watches.any && !this.#told.messages) return undefined; // I2
    if (head === undefined) return undefined;
    const known = isBegun || this.#isTold(head) ? (trace?.flags ?? 0) | TraceFlag.sampled : (trace?.flags ?? 0);
    const flags = this.#mayWatch(known) ? known | this.#watchFlags(head, flowOf(envelope, head)) : known;
    return (flags & TraceFlag.sampled) === 0 ? undefined : this.#depart(envelope, head, flags);
  }

  closed(envelope: Envelope, error: OrreryError | undefined, noted: unknown, heardMs: number): void {
    const { head, deadlineMs, budgetMs } = envelope;
    if (this.#sent !== undefined && head !== undefined) {
      const counts = this.#sent.of(head);
      if (budgetMs > 0 && deadlineMs >= budgetMs) {
        const endMs = heardMs > 0 ? heardMs : this.#clock.monotonic(); // I4
        counts.times.add(endMs - (deadlineMs - budgetMs));
      }
      if (error === undefined) counts.replies++;
      else counts.ended(error.kind, error.reason);
    }
    if (noted !== undefined) this.#finish(noted as SpanRecord, error?.kind ?? "reply", error?.reason ?? "");
  }

  incoming(
    kind: "received" | "started" | "ended" | "replied",
    message: Incoming,
    outcome: Outcome,
    reason: string | undefined,
  ): number | undefined {
    if (kind === "received") this.#received(message);
    else if (message.noted !== undefined) return this.#follow(kind, message, outcome, reason);
    return undefined;
  }

  /** Whether it begins a trace. I1 */
  #isSampled({ flow, id }: Envelope, parent: Parent | undefined): boolean {
    if (parent !== undefined) return false;
    const { below } = this.#share;
    if (flow === undefined) return this.#ids.isSampled(id, below);
    return flow.node === this.#options.node && this.#ids.isSampled(flow.id, below);
  }

  #received(message: Incoming): void {
    const { envelope } = message;
    const isRare = envelope.trace !== undefined || this.#watches.any || this.#told.messages || message.instance === "";
    if (isRare) this.#receivedRare(message);
    else if (this.#handled !== undefined) message.noted = this.#arrivedMs(message);
  }

  #arrivedMs({ heardMs = 0 }: Incoming): number {
    return heardMs > 0 ? heardMs : this.#clock.monotonic(); // I4
  }

  /** One that is traced, may be watched, or is refused. */
  #receivedRare(message: Incoming): void {
    const { envelope, head, instance } = message;
    const known = (envelope.trace?.flags ?? 0) | (this.#isTold(head) ? TraceFlag.sampled : 0);
    const flags = this.#mayWatch(known) ? known | this.#watchFlags(head, message.flow) : known;
    const span = (flags & TraceFlag.sampled) === 0 ? undefined : this.#arrive(message, flags);
    if (span !== undefined) this.#show(span, "received");
    if (instance === "") {
      this.#handled?.known(head).ended("bounced");
      if (span !== undefined) this.#finish(span, "bounced", "");
    } else if (span !== undefined) message.noted = new Handling(this.#arrivedMs(message), span);
    else if (this.#handled !== undefined) message.noted = this.#arrivedMs(message);
  }

  #follow(
    kind: "started" | "ended" | "replied",
    message: Incoming,
    outcome: Outcome = "reply",
    reason: string | undefined = "",
  ): number | undefined {
    const { noted } = message;
    const handling = typeof noted === "number" ? undefined : (noted as Handling);
    const arrivedMs = handling === undefined ? (noted as number) : handling.arrivedMs;
    if (kind === "started") {
      this.#handled?.of(message.head).waits.add((message.sinceMs || arrivedMs) - arrivedMs);
      if (handling !== undefined) this.#moment(handling.span, "started");
    } else if (kind === "ended") {
      const nowMs = this.#clock.monotonic();
      this.#handled?.of(message.head).handled(nowMs - arrivedMs, outcome);
      if (handling !== undefined) this.#ended(message, handling, outcome);
      return nowMs;
    } else {
      const isAccepted = message.envelope.kind === Kind.oneWay && outcome === "reply";
      const isRefused = message.begun !== true && !isAccepted;
      if (isRefused) this.#handled?.of(message.head).ended(outcome, reason);
      if (handling !== undefined) this.#replied(message, handling, { outcome, reason, isAccepted, isRefused });
    }
    return undefined;
  }

  #ended(message: Incoming, handling: Handling, outcome: NonNullable<Outcome>): void {
    const { span } = handling;
    handling.ended = true;
    span.outcome = outcome;
    this.#moment(span, "ended");
    const { kind } = message.envelope;
    const isAnswered = "answered" in message && message.answered === true;
    // An answer follows, unless its sender has it already, wants none, or has given up.
    const isLast = kind === Kind.oneWay || kind === Kind.broadcast || isAnswered || handling.replied;
    if (isLast) this.#finish(span, outcome, "");
  }

  #replied(message: Incoming, handling: Handling, { outcome, reason, isAccepted, isRefused }: Replied): void {
    const { span, ended } = handling;
    handling.replied = true;
    this.#moment(span, "replied");
    // A stream whose reader is gone goes on until its handler has noticed; what was accepted is still to be handled.
    const goesOn = !ended && !isRefused && (isAccepted || message.envelope.kind === Kind.streamOpen);
    if (!goesOn) this.#finish(span, outcome, reason);
  }

  /** Whether a message makes a line, and so a span; what operators ask says nothing of an application. */
  #isTold({ component }: Head): boolean {
    return this.#told.messages && !component.startsWith(OPERATORS);
  }

  #mayWatch(flags: number): boolean {
    return this.#watches.any && (flags & TraceFlag.watched) === 0;
  }

  #watchFlags(head: Head, flow: FlowRef): number {
    return this.#watches.takes(head.component, flow) ? TraceFlag.sampled | TraceFlag.watched : 0;
  }

  #depart(envelope: Envelope, head: Head, flags: number): SpanRecord {
    const span = this.#trace(envelope, head, flags);
    whenLeft(envelope, () => {
      this.#moment(span, "sent");
      // Nobody answers it; one that never leaves has no span.
      if (envelope.kind === Kind.broadcast) this.#finish(span, "reply", "");
    });
    this.#show(span, "queued");
    return span;
  }

  /** Makes the sender's span, and lets the message carry it. */
  #trace(envelope: Envelope, head: Head, flags: number): SpanRecord {
    const trace = this.#next(envelope, head, flags);
    const span = this.#begin(envelope, head, { trace, instance: head.source.instance, side: "sender" });
    envelope.trace = trace;
    return span;
  }

  /** Makes the receiver's span, and lets what its handler sends carry it. */
  #arrive(message: Incoming, flags: number): SpanRecord {
    const { envelope, head, instance } = message;
    const trace = this.#next(envelope, head, flags);
    const span = this.#begin(envelope, head, { trace, instance, side: "receiver" });
    message.trace = trace;
    return span;
  }

  /** The trace of a message as the next of its spans has it. Bytes are shared with messages and never written to: a handler is given copies. */
  #next({ trace, flow, id }: Envelope, { source }: Head, flags: number): TraceRef {
    const traceId = trace?.traceId ?? this.#ids.trace(flow ?? { node: source.node, id });
    return { traceId, spanId: this.#ids.span(), flags, state: trace?.state ?? "" };
  }

  #begin(envelope: Envelope, head: Head, { trace, instance, side }: Beginning): SpanRecord {
    const { node } = this.#options;
    const { flow, id } = envelope;
    const atMs = this.#clock.monotonic();
    const wallMs = this.#clock.now() - atMs;
    const parentId = envelope.trace?.spanId;
    return new SpanRecord({ trace, parentId, side, node, instance, head, message: id, flow, atMs, wallMs });
  }

  #moment(span: SpanRecord, name: SpanMoment["name"]): void {
    if (span.finished) return;
    span.moments.push({ name, atMs: this.#clock.monotonic() });
    this.#show(span, name);
  }

  #finish(span: SpanRecord, outcome: NonNullable<Outcome>, reason: string): void {
    if (span.finished) return; // I3
    span.finished = true;
    span.endMs = this.#clock.monotonic();
    span.outcome = outcome;
    span.reason = reason;
    if (span.start.side === "sender") this.#show(span, "returned");
    if (this.#isTold(span.start.head)) this.#tell(span);
    this.#options.finish(span);
  }

  /** Writes a line of a message that a debug watch asks for. */
  #show(span: SpanRecord, what: string): void {
    if (!span.watched) return;
    const outcome = span.finished || what === "ended" ? { outcome: span.outcome } : {};
    this.#write(span, `message ${what}`, { watched: true, ...outcome });
  }

  /** Writes the one line of a message that is over. */
  #tell(span: SpanRecord): void {
    const { outcome, reason, start, endMs } = span;
    const text = start.side === "sender" ? "message sent" : "message handled";
    const durationMs = Math.round((endMs - start.atMs) * 1_000) / 1_000;
    this.#write(span, text, { outcome, ...(reason !== "" && { reason }), durationMs });
  }

  #write({ start }: SpanRecord, text: string, more: LogFields): void {
    const { node, instance, head, flow: known, trace, side, message: id } = start;
    const flow = known ?? { node: head.source.node, id };
    const { component, method, source } = head;
    const writer = side === "sender" ? componentOf(instance) : component;
    this.#options.log({
      timeMs: this.#clock.now(),
      level: "debug",
      text,
      fields: {
        node,
        ...(writer !== "" && { component: writer }),
        ...(instance !== "" && { instance }),
        method: `${component}.${method}`,
        flow: `${flow.node}/${flow.id}`,
        trace: hexOfBytes(trace.traceId),
        messageId: messageName({ ...source, id }),
        span: hexOfBytes(trace.spanId),
        ...more,
      },
    });
  }
}

/** How the names of services begin by which operators look at nodes. */
const OPERATORS = "orrery.operate.";

/** What is known of a traced message that is here to be handled. */
class Handling {
  readonly arrivedMs: number;
  readonly span: SpanRecord;
  ended = false;
  replied = false;

  constructor(arrivedMs: number, span: SpanRecord) {
    this.arrivedMs = arrivedMs;
    this.span = span;
  }
}

interface Replied {
  readonly outcome: NonNullable<Outcome>;
  readonly reason: string;
  readonly isAccepted: boolean;
  readonly isRefused: boolean;
}

interface Beginning {
  readonly trace: TraceRef;
  readonly instance: string;
  readonly side: "sender" | "receiver";
}

/** The component that an instance is of; empty for a node. */
function componentOf(instance: string): string {
  return instance.slice(0, Math.max(0, instance.lastIndexOf(".")));
}
