import type { TraceRef } from "@orrery/core";
import type { RequestFields } from "./header-fields.ts";

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Longest `tracestate` that is passed on. */
const STATE_CHARACTERS_MAX = 512;

/** Reads the trace context of a request; a header that is not as https://www.w3.org/TR/trace-context has it counts as absent. */
export function traceOf(headers: RequestFields): TraceRef | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] =
    TRACEPARENT.exec(headers.get("traceparent") ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const state = headers.get("tracestate") ?? "";
  return {
    traceId: hexBytes(traceId),
    spanId: hexBytes(spanId),
    flags: Number.parseInt(flags, 16),
    state: state.length > STATE_CHARACTERS_MAX ? "" : state,
  };
}

/** Writes a trace context as the header `traceparent`. */
export function traceparentOf(trace: TraceRef): string {
  return `00-${Buffer.from(trace.traceId).toString("hex")}-${Buffer.from(trace.spanId).toString("hex")}-${(trace.flags & 0xff).toString(16).padStart(2, "0")}`;
}

function hexBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
