import type { MessageRef, OrreryError, RelayHost } from "@orrery/core";
import {
  bounce,
  createEnvelope,
  type DeadlineBucket,
  type DeadlineEntry,
  type Envelope,
  errorOf,
  failure,
  flowOf,
  type Head,
  type IdleWatch,
  Kind,
  type OpenCall,
  type Port,
  timeoutOf,
  watchIdle,
} from "@orrery/core/internal";
import { IDLE_SLACK } from "./limits.ts";

/** A message that came to a gateway, and the way on which it came. */
export interface Arrival {
  readonly envelope: Envelope;
  readonly head: Head;
  readonly port: Port;
  /** The foot that it came to. */
  readonly host: RelayHost;
}

/** Options of a crossing. */
export interface CrossingOptions {
  readonly arrival: Arrival;
  /** The foot that it leaves from. */
  readonly host: RelayHost;
  /** What leaves. */
  readonly envelope: Envelope;
  readonly port: Port;
  /** Told once, when it has ended. */
  readonly onEnd: (crossing: Crossing) => void;
}

/**
 * One message on its way through a gateway, from the moment it leaves: a call of the foot in the other network, whose answers go back as they
 * came. Bodies are never looked at. I1: whoever waits for an answer is given one end, unless it gave up. I2: items and credits pass as they
 * come, so what waits is bounded by what the reader asked for. I3: a stream that rests for longer than its ends allow ends here, too.
 */
export class Crossing implements OpenCall {
  readonly envelope: Envelope;
  readonly port: Port;
  readonly parent: { readonly ref: MessageRef };
  readonly arrival: Arrival;
  readonly host: RelayHost;
  held: unknown = undefined;
  bucket: DeadlineBucket | undefined = undefined;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;
  readonly #onEnd: (crossing: Crossing) => void;
  #idle: IdleWatch | undefined;
  #isOver = false;

  constructor({ arrival, host, envelope, port, onEnd }: CrossingOptions) {
    this.arrival = arrival;
    this.host = host;
    this.envelope = envelope;
    this.port = port;
    this.parent = { ref: refOf(arrival) };
    this.#onEnd = onEnd;
  }

  open(): void {
    const { clock, caller } = this.host;
    const { kind, idleMs } = this.envelope;
    if (kind === Kind.streamOpen && idleMs > 0)
      this.#idle = watchIdle({ clock, idleMs: idleMs * IDLE_SLACK, onIdle: () => this.#rested() }); // I3
    caller.open(this);
  }

  receive(envelope: Envelope): void {
    if (envelope.kind === Kind.streamItem) {
      this.#idle?.touch();
      if (this.#answer(envelope) !== "accepted") this.end(this.#unread());
      return;
    }
    const error = errorOf(envelope);
    this.host.caller.close(this, error);
    this.#over(error);
    const sent = this.#answer(envelope);
    if (sent !== "accepted" && sent !== "closed") this.#refuse(this.#unsendable(sent));
  }

  /** Answers come as bytes, in envelopes: a foot serves nothing itself. */
  take(): void {
    const error = failure("undecodable_reply", `Cannot pass on the answer of ${this.#name}: it is no message`);
    this.host.caller.close(this, error);
    this.fail(error);
  }

  fail(error: OrreryError): void {
    if (this.#isOver) return;
    this.#over(error);
    this.#refuse(error); // I1
  }

  expire(): void {
    const error = timeoutOf(this, this.host.node);
    this.host.caller.close(this, error);
    if (this.envelope.left && this.envelope.kind === Kind.streamOpen)
      this.port.send(createEnvelope(Kind.cancel, this.envelope.id));
    this.fail(error);
  }

  /** The reader is ready for more items. */
  credit(envelope: Envelope): void {
    this.#idle?.touch();
    this.port.send(continued(envelope, this.envelope.id)); // I2
  }

  /** Whoever sent the message gave it up, or is gone: nobody is told. */
  giveUp(error: OrreryError): void {
    if (this.#isOver) return;
    this.#over(error);
    this.host.caller.cancel(this);
  }

  /** Ends it in both networks. */
  end(error: OrreryError): void {
    if (this.#isOver) return;
    this.giveUp(error);
    this.#refuse(error);
  }

  #over(error: OrreryError | undefined): void {
    this.#isOver = true;
    this.#idle?.stop();
    const outcome = error === undefined ? "reply" : error.kind;
    this.host.caller.watch?.returned?.(this.envelope, this.parent, outcome);
    noteArrival(this.arrival, "replied", outcome);
    this.#onEnd(this);
  }

  #answer(envelope: Envelope) {
    return this.arrival.port.send(continued(envelope, this.arrival.envelope.id));
  }

  #refuse(error: OrreryError): void {
    const { envelope, port, host } = this.arrival;
    bounce(envelope, port, error, host.node);
  }

  #rested(): void {
    const text = `Cannot pass on stream ${this.#name}: nothing moved for ${this.envelope.idleMs * IDLE_SLACK} ms`;
    this.end(failure("stream_idle", text, { where: this.host.node }));
  }

  #unread(): OrreryError {
    const text = `Cannot pass on an item of stream ${this.#name}: its reader takes nothing`;
    return failure("connection_lost", text, { where: this.host.node });
  }

  #unsendable(sent: string): OrreryError {
    const text = `Cannot pass on the answer of ${this.#name}: the carrier to its caller does not take it (${sent})`;
    return failure("bad_reply", text, { where: this.host.node });
  }

  get #name(): string {
    const { component, method } = this.arrival.head;
    return `"${component}.${method}"`;
  }
}

/** A message that continues or answers another, on the other side: with all that it carries, also what only a newer peer knows. */
function continued(envelope: Envelope, id: number): Envelope {
  return { ...envelope, id, head: undefined, left: false, onLeft: undefined };
}

/** Tells who watches the messages of a foot what has happened to one that came to it. */
export function noteArrival(
  { envelope, head, host }: Arrival,
  kind: "received" | "replied",
  outcome?: "reply" | OrreryError["kind"],
): void {
  host.caller.watch?.incoming(kind, { envelope, head, instance: "", flow: flowOf(envelope, head) }, outcome);
}

function refOf({ envelope, head: { source } }: Arrival): MessageRef {
  return { node: source.node, instance: source.instance, incarnation: source.incarnation, id: envelope.id };
}
