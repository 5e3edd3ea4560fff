import type { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { Span } from "./span.ts";
import type { OtlpOptions } from "./system-otlp.ts";

/** A span as OpenTelemetry's own library has it. */
type OtlpSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number];
type HrTime = OtlpSpan["startTime"];

/** Numbers of OpenTelemetry's API. */
const KIND = { server: 1, client: 2, producer: 3, consumer: 4 } as const;
const STATUS = { unset: 0, ok: 1, error: 2 } as const;

const SCOPE = { name: "orrery" };

/** Writes spans as OpenTelemetry's library takes them; those of one node have one resource. */
export function otlpSpans(spans: readonly Span[], { service, resource }: OtlpOptions): OtlpSpan[] {
  const resources = new Map<string, OtlpSpan["resource"]>();
  const resourceOf = (node: string) => {
    let known = resources.get(node);
    if (known === undefined) {
      const attributes = { ...resource, "service.name": service ?? node, "service.instance.id": node };
      known = { attributes } as unknown as OtlpSpan["resource"];
      resources.set(node, known);
    }
    return known;
  };
  return spans.map((span) => otlpSpan(span, resourceOf(span.node)));
}

function otlpSpan(span: Span, resource: OtlpSpan["resource"]): OtlpSpan {
  const { traceId, spanId, parentId, component, method, startMs, durationMs, moments, outcome, reason } = span;
  const context = { traceId, spanId, traceFlags: 1 };
  const parent = { traceId, spanId: parentId, traceFlags: 1, isRemote: span.side === "receiver" };
  const status = outcome === "reply" ? { code: STATUS.ok } : { code: STATUS.error, message: reason || outcome };
  return {
    name: `${component}/${method}`,
    kind: kindOf(span),
    spanContext: () => context,
    ...(parentId === "" ? {} : { parentSpanContext: parent }),
    startTime: hrTime(startMs),
    endTime: hrTime(startMs + durationMs),
    duration: hrTime(durationMs),
    status,
    attributes: attributesOf(span),
    links: [],
    events: moments.map(({ name, atMs }) => ({ name, time: hrTime(atMs) })),
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function attributesOf({ component, method, mode, node, instance, message, flow, outcome, reason, watched }: Span) {
  return {
    "rpc.system.name": "orrery",
    "rpc.service": component,
    "rpc.method": method,
    "orrery.mode": mode,
    "orrery.node": node,
    ...(instance !== "" && { "orrery.instance": instance }),
    "orrery.message": message,
    "orrery.flow": `${flow.node}/${flow.id}`,
    ...(flow.name !== "" && { "orrery.flow.name": flow.name }),
    "orrery.outcome": outcome,
    ...(reason !== "" && { "error.type": reason }),
    ...(watched && { "orrery.watched": true }),
  };
}

function kindOf({ side, mode }: Span): OtlpSpan["kind"] {
  const isCall = mode === "sync" || mode === "stream";
  if (side === "sender") return isCall ? KIND.client : KIND.producer;
  return isCall ? KIND.server : KIND.consumer;
}

/** Milliseconds as seconds and nanoseconds; a fraction of a ms is good to some hundred ns, as far as a number goes. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.max(0, Math.round((ms - seconds * 1000) * 1e6)))];
}
