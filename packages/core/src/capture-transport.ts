import type { Clock } from "./clock.ts";
import type { Link, LinkListener, Message, MessageListener, SendResult, Transport } from "./transport.ts";
import type { CapturedPacket } from "./wire/capture.ts";
import type { Direction } from "./wire/inspect-packet.ts";
import { createPacketWriter, encodePacket, type PacketWriter } from "./wire/packet.ts";

/** Options of a capture. */
export interface CaptureTransportOptions {
  /** Clock of the node that uses the transport. */
  readonly clock: Clock;
  /** Takes each packet, at once; `encodeCapturedPacket` makes a record of a file out of it. */
  readonly sink: (packet: CapturedPacket) => void;
}

/**
 * Makes a transport that carries by another and lets all that passes be seen. Each message becomes a packet of its own, written anew, so it
 * works the same over any carrier; a body that is handed over as a value is left out. What is captured on its way out was accepted, which
 * is not to say that it left.
 */
export function captureTransport(inner: Transport, options: CaptureTransportOptions): Transport {
  return new CaptureTransport(inner, options);
}

class CaptureTransport implements Transport {
  readonly scheme: string;
  readonly carriesValues: boolean;
  readonly #inner: Transport;
  readonly #options: CaptureTransportOptions;
  readonly #writers = new Map<Link, Record<Direction, PacketWriter>>();

  constructor(inner: Transport, options: CaptureTransportOptions) {
    this.#inner = inner;
    this.#options = options;
    this.scheme = inner.scheme;
    this.carriesValues = inner.carriesValues;
  }

  listen(address: string): Promise<string> {
    return this.#inner.listen(address);
  }

  connect(address: string): Link {
    return this.#inner.connect(address);
  }

  send(link: Link, message: Message): SendResult {
    const result = this.#inner.send(link, message);
    if (result === "accepted") this.#capture(link, "out", message);
    return result;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  onMessage(listener: MessageListener): void {
    this.#inner.onMessage((link, message) => {
      this.#capture(link, "in", message);
      listener(link, message);
    });
  }

  onLink(listener: LinkListener): void {
    this.#inner.onLink((event) => {
      if (event.kind === "down") this.#writers.delete(event.link); // A new connection has routes of its own.
      listener(event);
    });
  }

  #capture(link: Link, direction: Direction, message: Message): void {
    let writers = this.#writers.get(link);
    if (writers === undefined) {
      writers = { in: createPacketWriter(), out: createPacketWriter() };
      this.#writers.set(link, writers);
    }
    const packet = encodePacket(writers[direction], [message], this.#options.clock.monotonic());
    this.#options.sink({ timeMs: this.#options.clock.now(), direction, link: link.id, peer: link.remote, packet });
  }
}
