import type { FailureKind, FlowRef, Mode } from "@orrery/core";

/** A moment within a span. At its sender a message is `sent`; at its receiver it is `started`, `ended` and `replied`. */
export interface SpanMoment {
  readonly name: "sent" | "started" | "ended" | "replied";
  /** Wall time in ms since 1970, with fractions. */
  readonly atMs: number;
}

/**
 * One message as one side saw it. At the `sender` it lasts from `queued` until the outcome is there; at the `receiver` from its arrival until
 * it was handled and answered. A receiver's span has its sender's for a parent, and what it sends in turn has the receiver's.
 */
export interface Span {
  /** 32 hex digits; the same for all that one beginning led to. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** 16 hex digits; empty for the first of a trace. */
  readonly parentId: string;
  readonly side: "sender" | "receiver";
  /** Node that saw it. */
  readonly node: string;
  /** Instance that sent or has the message; empty for the node itself, and for a message that none took. */
  readonly instance: string;
  readonly component: string;
  readonly method: string;
  readonly mode: Mode;
  /** Id of the message; unique within its sender. */
  readonly message: number;
  readonly flow: FlowRef;
  /** Wall time in ms since 1970, with fractions. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly moments: readonly SpanMoment[];
  readonly outcome: "reply" | FailureKind;
  /** Reason of a failure, as errors have it; else empty. */
  readonly reason: string;
  /** Whether a debug watch asked for it. */
  readonly watched: boolean;
}

/** Which spans are asked for; all that is given must fit. */
export interface SpanFilter {
  /** 32 hex digits, or how they begin. */
  readonly traceId?: string;
  /** A flow: its name, with `*` for any characters, or `node/id`. */
  readonly flow?: string;
  /** Component; `*` in it stands for any characters. */
  readonly component?: string;
  /** Only spans that lasted so long. */
  readonly minMs?: number;
  /** Only spans that did not end in a reply. */
  readonly failed?: boolean;
  /** The newest so many. Default: all that are kept. */
  readonly limit?: number;
}
