import type { FlowRef, MessageEvent } from "@orrery/core";
import { type Head, TraceFlag } from "@orrery/core/internal";
import type { Span, SpanMoment } from "./span.ts";

/** Facts of a span at its beginning. */
export interface SpanStart {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentId: Uint8Array | undefined;
  readonly flags: number;
  readonly side: Span["side"];
  readonly node: string;
  readonly instance: string;
  readonly head: Head;
  readonly message: number;
  readonly flow: FlowRef;
  /** On the monotonic clock. */
  readonly atMs: number;
  /** Wall time minus monotonic time. */
  readonly wallMs: number;
}

/** A span while it goes on. Times are monotonic, so that a clock that is set makes none of them wrong. */
export class SpanRecord {
  readonly start: SpanStart;
  readonly moments: { readonly name: SpanMoment["name"]; readonly atMs: number }[] = [];
  endMs = 0;
  outcome: NonNullable<MessageEvent["outcome"]> = "reply";
  reason = "";
  finished = false;

  constructor(start: SpanStart) {
    this.start = start;
  }

  get watched(): boolean {
    return (this.start.flags & TraceFlag.watched) !== 0;
  }

  view(): Span {
    const { traceId, spanId, parentId, side, node, instance, head, message, flow, atMs, wallMs } = this.start;
    const { component, method, mode } = head;
    return {
      traceId: hex(traceId),
      spanId: hex(spanId),
      parentId: parentId === undefined ? "" : hex(parentId),
      side,
      node,
      instance,
      component,
      method,
      mode,
      message,
      flow,
      startMs: atMs + wallMs,
      durationMs: this.endMs - atMs,
      moments: this.moments.map((moment) => ({ name: moment.name, atMs: moment.atMs + wallMs })),
      outcome: this.outcome,
      reason: this.reason,
      watched: this.watched,
    };
  }
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes as hex digits. A look at `buffer` would give the bytes a store outside the heap, which costs more than all else of a span. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index++) text += HEX[bytes[index] as number];
  return text;
}
