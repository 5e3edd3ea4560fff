import type { FlowRef, MessageEvent, TraceRef } from "@orrery/core";
import { type Head, TraceFlag } from "@orrery/core/internal";
import type { Span, SpanMoment } from "./span.ts";

/** Facts of a span at its beginning. */
export interface SpanStart {
  /** Trace of the message as this span has it. */
  readonly trace: TraceRef;
  readonly parentId: Uint8Array | undefined;
  readonly side: Span["side"];
  readonly node: string;
  readonly instance: string;
  readonly head: Head;
  readonly message: number;
  /** Absent for a message that began its own. */
  readonly flow: FlowRef | undefined;
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
    return (this.start.trace.flags & TraceFlag.watched) !== 0;
  }
}
