import type { Clock } from "./clock.ts";
import { type Envelope, type FlowRef, flowOf, type Head, type Mode, type Source, type TraceRef } from "./envelope.ts";
import type { Log } from "./log.ts";
import { isOrreryError, type OrreryError } from "./orrery-error.ts";
import type { FailureKind } from "./reasons.ts";
import { messageOf } from "./thrown-text.ts";

/**
 * Where a message has come on its way: handed to its carrier, left, arrived at an instance, its handler began, its handler ended, its
 * answer handed to the carrier, its sender has the outcome.
 */
export type MessageEventKind = "queued" | "sent" | "received" | "started" | "ended" | "replied" | "returned";

/** Names a message among all: ids begin anew with each life of a node, and so do the incarnations of its instances. */
export interface MessageRef {
  readonly node: string;
  /** Instance that sent it; empty for the node itself. */
  readonly instance: string;
  readonly incarnation: number;
  readonly id: number;
}

/** The name of a message as lines of logs have it: its sender, and its number there. */
export function messageName({ node, instance, id }: Pick<MessageRef, "node" | "instance" | "id">): string {
  return `${instance === "" ? node : instance}/${id}`;
}

/** One moment of one message, as the node knows it at which it happened. Items of streams and cancels have none. */
export interface MessageEvent {
  readonly kind: MessageEventKind;
  /** On the monotonic clock of the node, in ms. */
  readonly atMs: number;
  /** Node at which it happened. */
  readonly node: string;
  /** Instance that sent or has the message; empty for a node itself, and for a message that none took. */
  readonly instance: string;
  /** Id of the message; unique within its source. */
  readonly id: number;
  readonly source: Source;
  readonly component: string;
  readonly method: string;
  readonly mode: Mode;
  readonly flow: FlowRef;
  /** Message that was being handled when this one was sent; known to its sender only: in `queued`, `sent` and `returned`. */
  readonly parent: MessageRef | undefined;
  /** How it went: in `ended`, `replied` and `returned`. */
  readonly outcome: "reply" | FailureKind | undefined;
}

/** What is told of a message at its receiver. */
export interface Incoming {
  readonly envelope: Envelope;
  readonly head: Head;
  readonly instance: string;
  readonly flow: FlowRef;
  /** Trace that its handler sees, and that what it sends is part of. A watch may put its own in the place of the sender's. */
  trace?: TraceRef | undefined;
  /** Whatever a watch keeps with it. */
  noted?: unknown;
  /** When its carrier heard it, by the monotonic clock; 0 or absent where nobody looked. */
  readonly heardMs?: number;
  /** In `started`: when that was, by the monotonic clock; 0 or absent where nobody looked since it came. */
  readonly sinceMs?: number;
  /** Whether its handler has begun. */
  readonly begun?: boolean;
}

/** A message that another is sent on behalf of. */
export interface Parent {
  readonly ref: MessageRef;
}

/** The two functions that settle a call. */
export interface Settlers {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Tells a listener of a node's messages. A node without a listener has none, and nothing is made for it. */
export interface MessageWatch {
  /** A message went nowhere: no way was open to it, or its node has no room for one more. */
  refused?(head: Pick<Head, "component" | "method">, error: OrreryError): void;
  /**
   * A message is about to be handed to its carrier; that it has left is told when the carrier notes it. May give it a trace. What this gives
   * is handed back when the exchange that it begins is closed.
   */
  queued(envelope: Envelope, parent: Parent | undefined): unknown;
  /**
   * The exchange that a message began is over; without an error when it was answered. Told once for each that was `queued`, but for broadcasts.
   * `heardMs` is when its answer came, by the monotonic clock; 0 where nobody looked.
   */
  closed?(envelope: Envelope, error: OrreryError | undefined, noted: unknown, heardMs: number): void;
  /** A sender has the outcome of its message. */
  returned?(envelope: Envelope, parent: Parent | undefined, outcome: MessageEvent["outcome"]): void;
  /** Wraps what settles a call, so that the outcome is told as its caller gets it. Absent where nobody asks: each call would make functions. */
  settling?(envelope: Envelope, parent: Parent | undefined, settlers: Settlers): Settlers;
  /** Something happened to a message at its receiver. Gives when, by the monotonic clock, where it looked. */
  incoming(
    kind: "received" | "started" | "ended" | "replied",
    message: Incoming,
    outcome?: MessageEvent["outcome"],
    reason?: string,
  ): number | undefined;
}

/** Options of a watch over messages. */
export interface MessageWatchOptions {
  readonly node: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly listener: (event: MessageEvent) => void;
}

/** Makes a watch. A listener that throws is logged: it decides nothing about a call. */
export function createMessageWatch({ node, clock, log, listener }: MessageWatchOptions): MessageWatch {
  const tell = (kind: MessageEventKind, message: Incoming, parent: Parent | undefined, outcome?: Outcome) => {
    const { envelope, head, instance, flow } = message;
    const { component, method, mode, source } = head;
    const { id } = envelope;
    const event = { kind, atMs: clock.monotonic(), node, instance, id, source, component, method, mode, flow };
    try {
      listener({ ...event, parent: parent?.ref, outcome });
    } catch (thrown) {
      log.error("onMessage failed", { error: messageOf(thrown) });
    }
  };
  const outgoing = (kind: MessageEventKind, envelope: Envelope, parent: Parent | undefined, outcome?: Outcome) => {
    const { head } = envelope;
    if (head === undefined) return; // Never: what begins an exchange has one.
    tell(kind, { envelope, head, instance: head.source.instance, flow: flowOf(envelope, head) }, parent, outcome);
  };
  return {
    queued(envelope, parent) {
      outgoing("queued", envelope, parent);
      whenLeft(envelope, () => outgoing("sent", envelope, parent));
    },
    returned: (envelope, parent, outcome) => outgoing("returned", envelope, parent, outcome),
    settling: (envelope, parent, { resolve, reject }) => {
      const replied = () => outgoing("returned", envelope, parent, "reply");
      const failed = (error: unknown) => outgoing("returned", envelope, parent, kindOf(error));
      return {
        resolve(value) {
          if (value instanceof Promise) value.then(replied, failed);
          else replied();
          resolve(value);
        },
        reject(error) {
          failed(error);
          reject(error);
        },
      };
    },
    incoming(kind, message, outcome) {
      tell(kind, message, undefined, outcome);
      return undefined;
    },
  };
}

type Outcome = MessageEvent["outcome"];

/** The kind of outcome that a thrown value is. */
export function kindOf(error: unknown): FailureKind {
  return isOrreryError(error) ? error.kind : "defect";
}

/** One watch of two. */
export function joinWatches(one: MessageWatch, other: MessageWatch): MessageWatch {
  return {
    refused(head, error) {
      one.refused?.(head, error);
      other.refused?.(head, error);
    },
    queued: (envelope, parent) => [one.queued(envelope, parent), other.queued(envelope, parent)],
    closed(envelope, error, noted, heardMs) {
      const [first, second] = noted as readonly [unknown, unknown];
      one.closed?.(envelope, error, first, heardMs);
      other.closed?.(envelope, error, second, heardMs);
    },
    returned(envelope, parent, outcome) {
      one.returned?.(envelope, parent, outcome);
      other.returned?.(envelope, parent, outcome);
    },
    settling(envelope, parent, settlers) {
      const inner = other.settling?.(envelope, parent, settlers) ?? settlers;
      return one.settling?.(envelope, parent, inner) ?? inner;
    },
    incoming(kind, message, outcome, reason) {
      one.incoming(kind, message, outcome, reason);
      return other.incoming(kind, message, outcome, reason);
    },
  };
}

/** Tells when a carrier notes that a message has left. */
export function whenLeft(envelope: Envelope, tell: () => void): void {
  const before = envelope.onLeft;
  envelope.onLeft =
    before === undefined
      ? tell
      : () => {
          before();
          tell();
        };
}
