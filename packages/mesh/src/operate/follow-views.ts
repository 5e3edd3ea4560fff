import type { MessageInitShape } from "@bufbuild/protobuf";
import { OrreryError } from "@orrery/core";
import type { SpanSchema, SpansRequest, WatchRequest } from "../gen/orrery/operate/v1/operate_pb.ts";
import type { Span } from "../telemetry/span.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { SPANS_TOLD_MAX } from "./limits.ts";

/** The newest spans that a node keeps, of those that are asked for. */
export function spanMessages(
  telemetry: Telemetry | undefined,
  request: SpansRequest,
): MessageInitShape<typeof SpanSchema>[] {
  const { traceId, flow, component, failed, limit, sinceMs } = request;
  const most = limit === 0 ? SPANS_TOLD_MAX : Math.min(limit, SPANS_TOLD_MAX);
  const found = telemetry?.spans({ traceId, flow, failed, ...(component === "" ? {} : { component }) }) ?? [];
  const since = found.filter(({ startMs, durationMs }) => startMs + durationMs >= sinceMs);
  return since.slice(-most).map(spanMessage);
}

/** Begins a watch. @throws OrreryError `failed_precondition` where nothing follows the node, and as the watch. */
export function beginWatch(telemetry: Telemetry | undefined, { flow, component, forMs }: WatchRequest) {
  if (telemetry === undefined)
    throw new OrreryError("failed_precondition", "Cannot watch: the node has no telemetry, give it createTelemetry()");
  const { id, leftMs } = telemetry.debug.watch({ flow, component, ...(forMs > 0 ? { forMs } : {}) });
  return { id, leftMs };
}

function spanMessage(span: Span): MessageInitShape<typeof SpanSchema> {
  const { traceId, spanId, parentId, side, node, instance, component, method, mode } = span;
  const { flow, startMs, durationMs, outcome, reason, watched } = span;
  return {
    ...{ traceId, spanId, parentId, side, node, instance, component, method, mode },
    ...{ startMs, durationMs, outcome, reason, watched },
    flow: `${flow.node}/${flow.id}`,
    flowName: flow.name,
  };
}
