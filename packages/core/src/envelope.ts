import type { FailureKind } from "./reasons.ts";

/** Kinds of an envelope, with their numbers on the wire. */
export const Kind = {
  request: 0,
  reply: 1,
  cancel: 2,
  oneWay: 3,
  streamOpen: 4,
  streamItem: 5,
  streamCredit: 6,
  streamEnd: 7,
  broadcast: 8,
} as const;

/** Number of an envelope's kind. */
export type Kind = (typeof Kind)[keyof typeof Kind];

/** How a method is called; part of the contract. */
export type Mode = "sync" | "async" | "stream" | "broadcast";

/** How far a message may travel: to this process, this host, this network, or anywhere. */
export type HorizonScope = "any" | "process" | "host" | "network";

/** Horizon of a message, and what happens beyond it. */
export interface Horizon {
  readonly scope: HorizonScope;
  /**
   * What becomes of a message that may go nowhere: `bounce` sends it back, `drop` lets it go, and a caller on this side is told so, `local`
   * has whoever may not pass it on look nearer by.
   */
  readonly beyond: "bounce" | "drop" | "local";
  /** Largest estimated one-way distance in ms; 0 for no limit. */
  readonly distanceMs: number;
  /** Gateways that may be passed, plus one; 0 for no limit. */
  readonly hops: number;
}

/** Where a message came from. */
export interface Source {
  readonly node: string;
  /** Empty for a client that is no instance. */
  readonly instance: string;
  readonly incarnation: number;
}

/** What stays the same from call to call; a connection says it once and names it by a number afterwards. */
export interface Head {
  readonly component: string;
  readonly method: string;
  /** Exact version wanted, or empty for any. */
  readonly version: string;
  /** 16 hex digits, or empty to skip the check. */
  readonly fingerprint: string;
  readonly mode: Mode;
  /** Media type; empty for protobuf. */
  readonly contentType: string;
  readonly instance: string;
  readonly source: Source;
  readonly agent: string;
  readonly horizon: Horizon | undefined;
  readonly resource: string;
}

/** The flow that a message belongs to. */
export interface FlowRef {
  readonly id: number;
  readonly node: string;
  readonly name: string;
  /** Flow that this one is a sub-flow of; 0 for none. */
  readonly parentId: number;
}

/** Bits of a trace's flags. The low byte is W3C's; what is above never leaves by another protocol. */
export const TraceFlag = {
  /** Its spans are kept. */
  sampled: 1,
  /** Somebody looks at it closely: each node logs what happens to its messages. */
  watched: 0x100,
} as const;

/** W3C trace context. Its bytes can be written to, so each message has its own. */
export interface TraceRef {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  /** Bits of `TraceFlag`, and others of W3C. */
  readonly flags: number;
  readonly state: string;
}

/** A failure as it crosses the wire. */
export interface WireFailure {
  readonly kind: FailureKind;
  readonly code: string;
  readonly reason: string;
  readonly message: string;
  readonly definite: boolean;
  readonly where: string;
  /** JSON object, or empty. */
  readonly details: string;
}

/** Says that a body is sealed, by which seal, and for which message, as its sender numbered it; an answer is for the message it answers. */
export interface SealMark {
  readonly name: string;
  /** Node and incarnation that sent the message, and its id there; empty and 0 on an answer. Gateways leave them as they are. */
  readonly node: string;
  readonly incarnation: number;
  readonly id: number;
}

/** One sealed exchange, as one side of it holds it. */
export interface Sealing {
  /** Name of the seal. */
  readonly name: string;
  /** Seals what leaves, in its envelope. */
  close(envelope: Envelope): void;
  /** Takes back the count of what was sealed last: its carrier did not take it. */
  undo(): void;
  /** Opens an answer, in its envelope; false for one that is not what the other side sealed. */
  open(envelope: Envelope): boolean;
}

/**
 * One message of the application plane, in memory. Written by the sender until it is handed to a transport, by nobody afterwards,
 * except `left`. A body is `bytes`, or on a carrier of values a
 * `value` that belongs to the receiver alone.
 */
export interface Envelope {
  readonly kind: Kind;
  readonly id: number;
  readonly head: Head | undefined;
  /** End of the budget on the monotonic clock of the node that holds the envelope, in ms; 0 for none. */
  deadlineMs: number;
  /** The budget as it was given, in ms, for people; 0 for none, and in what comes off a wire. */
  budgetMs: number;
  bytes: Uint8Array | undefined;
  value: unknown;
  failure: WireFailure | undefined;
  credit: number;
  idleMs: number;
  path: readonly string[];
  flow: FlowRef | undefined;
  trace: TraceRef | undefined;
  attempt: number;
  idempotencyKey: string;
  shardKey: string;
  orderKey: Uint8Array | undefined;
  /** 0 stands for version 1. */
  wire: number;
  /** Absent while the body is not sealed. */
  seal: SealMark | undefined;
  /** How it is sealed, or was, and its answers are. Of one side alone: it never leaves. */
  sealing: Sealing | undefined;
  /** Fields of a newer peer, kept for the next hop. */
  unknown: Uint8Array | undefined;
  /** Set by a carrier, through `markLeft`, when the first byte may have left, so that an unsent message can end definitely. */
  left: boolean;
  /** Told then, where somebody watches the message. */
  onLeft: (() => void) | undefined;
}

/** Copies a trace context. */
export function copyTrace(trace: TraceRef): TraceRef {
  return { ...trace, traceId: new Uint8Array(trace.traceId), spanId: new Uint8Array(trace.spanId) };
}

/** The flow of a message: one that was sent in none begins its own. It travels on with what its handler sends, so nobody may write to it. */
export function flowOf(envelope: Envelope, { source }: Head): FlowRef {
  return envelope.flow ?? Object.freeze({ id: envelope.id, node: source.node, name: "", parentId: 0 });
}

/** Makes an envelope that answers or continues another, sealed where that one was. */
export function createAnswer(kind: Kind, { id, sealing }: Envelope): Envelope {
  const answer = createEnvelope(kind, id);
  answer.sealing = sealing;
  return answer;
}

/** The path of a message that no open call has led to. */
export const NO_PATH: readonly string[] = Object.freeze([]);

/** Makes an envelope with nothing in it but its kind, id and head. All envelopes have one shape, which keeps them fast. */
export function createEnvelope(kind: Kind, id: number, head?: Head): Envelope {
  return {
    kind,
    id,
    head,
    deadlineMs: 0,
    budgetMs: 0,
    bytes: undefined,
    value: undefined,
    failure: undefined,
    credit: 0,
    idleMs: 0,
    path: NO_PATH,
    flow: undefined,
    trace: undefined,
    attempt: 0,
    idempotencyKey: "",
    shardKey: "",
    orderKey: undefined,
    wire: 0,
    seal: undefined,
    sealing: undefined,
    unknown: undefined,
    left: false,
    onLeft: undefined,
  };
}

/** Notes, for a carrier, that the first byte of a message may have left. */
export function markLeft(envelope: Envelope): void {
  if (envelope.left) return;
  envelope.left = true;
  if (envelope.onLeft !== undefined) envelope.onLeft();
}

/** Whether an envelope's time is over. `nowMs` is the monotonic time of the node that holds it. */
export function isExpired({ deadlineMs }: Envelope, nowMs: number): boolean {
  return deadlineMs !== 0 && nowMs >= deadlineMs;
}

/**
 * The receiver's own envelope of a carrier that hands over objects: it counts its deadline down by its own clock, and neither side sees
 * what the other notes on it.
 */
export function receivedEnvelope(envelope: Envelope, deadlineMs: number): Envelope {
  return { ...envelope, deadlineMs, budgetMs: 0, sealing: undefined, left: false, onLeft: undefined };
}

const KIND_TEXTS: ReadonlyMap<number, string> = new Map([
  [Kind.request, "request"],
  [Kind.reply, "reply"],
  [Kind.cancel, "cancel"],
  [Kind.oneWay, "one-way"],
  [Kind.streamOpen, "stream-open"],
  [Kind.streamItem, "stream-item"],
  [Kind.streamCredit, "stream-credit"],
  [Kind.streamEnd, "stream-end"],
  [Kind.broadcast, "broadcast"],
]);

/** Names a kind of envelope for people; one that is not known by its number. */
export function kindText(kind: number): string {
  return KIND_TEXTS.get(kind) ?? `kind ${kind}`;
}
