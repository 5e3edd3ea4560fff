import type { TraceRecord } from "../trace/trace.ts";
import { findFlow } from "./flows.ts";
import { createLineChain } from "./line-chain.ts";
import { type Handling, messagesOf, type RunMessage } from "./messages.ts";
import type { ExportOptions } from "./perfetto.ts";
import { endTickOf, type Recording } from "./recording.ts";

/**
 * Writes a run as OpenTelemetry spans, in OTLP/JSON: a resource for each node, a trace for each flow, a span for each call at its sender
 * and one for each handling at a receiver, with points and steps as events. Ids come from seed, flow and message, so that a run gives the same.
 * @throws OrreryError `not_found` for a flow that is not there
 */
export function toOtel(recording: Recording, { flow }: ExportOptions = {}): string {
  const id = flow === undefined ? undefined : findFlow(recording, flow).id;
  const spans = new SpanWriter(recording).write(messagesOf(recording, id));
  const resourceSpans = recording.nodes.flatMap(({ name, machine, zone }) => {
    const own = spans.filter(({ node }) => node === name).map(({ span }) => span);
    if (own.length === 0) return [];
    const attributes = attributesOf({ "service.name": name, "host.name": machine, "cloud.availability_zone": zone });
    return [{ resource: { attributes }, scopeSpans: [{ scope: { name: "orrery" }, spans: own }] }];
  });
  return JSON.stringify({ resourceSpans });
}

interface NodeSpan {
  readonly node: string;
  readonly span: object;
}

/** Numbers of the protocol. */
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const STATUS_OK = 1;
const STATUS_ERROR = 2;

class SpanWriter {
  readonly #recording: Recording;
  readonly #endTick: number;
  readonly #epochNanos: bigint;
  readonly #points = new Map<string, TraceRecord[]>();

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#endTick = endTickOf(recording);
    this.#epochNanos = BigInt(Math.round(recording.epochMs)) * 1_000_000n;
    for (const record of recording.records) {
      if (record.kind !== "point") continue;
      const key = `${record.what?.instance} ${record.what?.message}`;
      this.#points.set(key, [...(this.#points.get(key) ?? []), record]);
    }
  }

  write(messages: readonly RunMessage[]): readonly NodeSpan[] {
    const byKey = new Map(messages.map((message) => [message.key, message]));
    return messages.flatMap((message) => [
      this.#call(message, byKey.get(message.parent)),
      ...message.handlings.map((handling, index) => this.#handling(message, handling, index)),
    ]);
  }

  #call(message: RunMessage, parent: RunMessage | undefined): NodeSpan {
    const { key, node, instance, mode, queuedTick, sentTick, returnedTick, losses, outcome } = message;
    const index = parent?.handlings.findIndex((one) => one.node === node && one.instance === instance) ?? -1;
    const above = parent === undefined || index < 0 ? undefined : this.#refOf(parent, handlingKey(parent.key, index));
    const isOfFlow = parent?.flow === message.flow;
    const span = {
      ...this.#refOf(message, key),
      ...(above !== undefined && isOfFlow && { parentSpanId: above.spanId }),
      name: `${message.component}.${message.method}`,
      kind: mode === "sync" || mode === "stream" ? CLIENT : PRODUCER,
      ...this.#times(queuedTick, returnedTick),
      attributes: this.#attributes(message, instance, outcome, returnedTick === undefined),
      events: [
        ...(sentTick === undefined ? [] : [this.#event("sent", sentTick)]),
        ...losses.map(({ tick, from, to, why }) => this.#event("lost", tick, { from, to, why })),
      ],
      ...(above !== undefined && !isOfFlow && { links: [above] }), // A sub-flow is a trace of its own.
      status: statusOf(outcome),
    };
    return { node, span };
  }

  #handling(message: RunMessage, handling: Handling, index: number): NodeSpan {
    const { node, instance, receivedTick, startedTick, endedTick, repliedTick, outcome } = handling;
    const points = this.#points.get(`${instance} ${message.key}`) ?? [];
    const span = {
      ...this.#refOf(message, handlingKey(message.key, index)),
      parentSpanId: idOf(this.#recording.seed, message.key),
      name: `${message.component}.${message.method}`,
      kind: message.mode === "sync" || message.mode === "stream" ? SERVER : CONSUMER,
      ...this.#times(receivedTick, repliedTick ?? endedTick),
      attributes: this.#attributes(message, instance, outcome, (repliedTick ?? endedTick) === undefined),
      events: [
        ...(startedTick === undefined ? [] : [this.#event("started", startedTick)]),
        ...points.map(({ tick, what }) => this.#event(`point ${what?.step}`, tick)),
        ...(endedTick === undefined ? [] : [this.#event("ended", endedTick)]),
        ...(repliedTick === undefined ? [] : [this.#event("replied", repliedTick)]),
      ],
      status: statusOf(outcome),
    };
    return { node, span };
  }

  #refOf({ flow }: RunMessage, key: string): { readonly traceId: string; readonly spanId: string } {
    const { seed } = this.#recording;
    const chain = createLineChain();
    return { traceId: chain.add(`trace ${seed}`) + chain.add(flow), spanId: idOf(seed, key) };
  }

  #times(fromTick: number, toTick: number | undefined) {
    return { startTimeUnixNano: this.#nanos(fromTick), endTimeUnixNano: this.#nanos(toTick ?? this.#endTick) };
  }

  #event(name: string, tick: number, values: Readonly<Record<string, string>> = {}) {
    return { timeUnixNano: this.#nanos(tick), name, attributes: attributesOf(values) };
  }

  #nanos(tick: number): string {
    return String(this.#epochNanos + BigInt(tick) * 1000n);
  }

  #attributes({ component, method, flow, key }: RunMessage, instance: string, outcome: string, isOpen: boolean) {
    return attributesOf({
      "rpc.system": "orrery",
      "rpc.service": component,
      "rpc.method": method,
      "orrery.message": key,
      "orrery.flow": flow,
      "orrery.instance": instance,
      "orrery.outcome": outcome,
      "orrery.open": isOpen ? "true" : "",
    });
  }
}

function handlingKey(key: string, index: number): string {
  return `${key} handled ${index}`;
}

/** An id of 16 hex digits. */
function idOf(seed: number, key: string): string {
  const chain = createLineChain();
  chain.add(String(seed));
  return chain.add(key);
}

function attributesOf(values: Readonly<Record<string, string>>): readonly object[] {
  const given = Object.entries(values).filter(([, value]) => value !== "");
  return given.map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function statusOf(outcome: string): object {
  if (outcome === "") return {};
  return outcome === "reply" ? { code: STATUS_OK } : { code: STATUS_ERROR, message: outcome };
}
