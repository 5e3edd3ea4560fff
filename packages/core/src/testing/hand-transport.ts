import { decodeControl, encodeControl } from "../control-codec.ts";
import { createEnvelope, type Envelope, Kind, markLeft, type WireFailure } from "../envelope.ts";
import {
  isControl,
  type Link,
  type LinkListener,
  type Message,
  type MessageListener,
  type SendResult,
  type Transport,
} from "../transport.ts";

/** A link whose other side is the test. */
export class HandLink implements Link {
  readonly id: number;
  readonly remote: string;
  readonly direction: "in" | "out";
  readonly sameHost = true;
  up = false;
  /** Agents that it may speak for; any when absent. */
  agents: ReadonlySet<string> | undefined;

  constructor(id: number, remote: string, direction: "in" | "out") {
    this.id = id;
    this.remote = remote;
    this.direction = direction;
  }

  allows(agent: string): boolean {
    return this.agents === undefined || this.agents.has(agent);
  }
}

/**
 * A transport that carries nothing by itself: the test sees what is sent, says what arrives, and when links come and go. Its peers let a node
 * that stops go at once.
 */
export interface HandTransport extends Transport {
  /** Envelopes sent so far, in order. */
  readonly sent: Envelope[];
  /** What the next sends are answered with. */
  result: SendResult;
  /** Whether an envelope has left as soon as it was sent. */
  leaves: boolean;
  link(address: string): HandLink;
  /** Opens a link that came in. */
  comeIn(remote: string): HandLink;
  raise(link: HandLink): void;
  lose(link: HandLink, reason?: string): void;
  /** Hands a message to the node, as if it came off the link. */
  arrive(link: HandLink, message: Message): void;
}

/** Makes a hand transport with addresses `hand://name`. */
export function createHandTransport(): HandTransport {
  const links = new Map<string, HandLink>();
  let onMessage: MessageListener = () => undefined;
  let onLink: LinkListener = () => undefined;
  let lastId = 0;
  const link = (address: string) => {
    const known = links.get(address) ?? new HandLink(++lastId, address, "out");
    links.set(address, known);
    return known;
  };
  const transport: HandTransport = {
    scheme: "hand",
    carriesValues: false,
    sent: [],
    result: "accepted",
    leaves: true,
    listen: async (address) => address,
    connect: link,
    link,
    send(to, message) {
      const { message: said } = isControl(message) ? decodeControl(message.bytes) : { message: undefined };
      if (said?.case === "leave" && said.value.id > 0n) {
        const bytes = encodeControl({ case: "settled", value: { id: said.value.id } });
        queueMicrotask(() => onMessage(to, { plane: "control", bytes }));
      }
      if (transport.result === "accepted" && !isControl(message)) {
        if (transport.leaves) markLeft(message);
        transport.sent.push(message);
      }
      return transport.result;
    },
    close: async () => undefined,
    onMessage: (listener) => {
      onMessage = listener;
    },
    onLink: (listener) => {
      onLink = listener;
    },
    comeIn(remote) {
      const fresh = new HandLink(++lastId, remote, "in");
      transport.raise(fresh);
      return fresh;
    },
    raise(raised) {
      raised.up = true;
      onLink({ kind: "up", link: raised });
    },
    lose(lost, reason = "cut") {
      lost.up = false;
      onLink({ kind: "down", link: lost, reason });
    },
    arrive: (from, message) => onMessage(from, message),
  };
  return transport;
}

/** A reply as a peer sends it. */
export function replyTo(id: number, body: Uint8Array): Envelope {
  const reply = createEnvelope(Kind.reply, id);
  reply.bytes = body;
  return reply;
}

/** A reply that carries a failure. */
export function failureTo(id: number, failure: Partial<WireFailure>): Envelope {
  const reply = createEnvelope(Kind.reply, id);
  reply.bytes = new Uint8Array(0);
  reply.failure = {
    kind: "error",
    code: "unknown",
    reason: "",
    message: "",
    definite: true,
    where: "",
    details: "",
    ...failure,
  };
  return reply;
}
