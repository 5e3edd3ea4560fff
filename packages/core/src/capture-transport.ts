import type { Clock } from "./clock.ts";
import { DelegatingTransport } from "./delegating-transport.ts";
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

class CaptureTransport extends DelegatingTransport {
  readonly #options: CaptureTransportOptions;
  readonly #writers = new Map<Link, Record<Direction, PacketWriter>>();

  constructor(inner: Transport, options: CaptureTransportOptions) {
    super(inner);
    this.#options = options;
  }

  override send(link: Link, message: Message): SendResult {
    const result = super.send(link, message);
    if (result === "accepted") this.#capture(link, "out", message);
    return result;
  }

  override onMessage(listener: MessageListener): void {
    super.onMessage((link, message) => {
      this.#capture(link, "in", message);
      listener(link, message);
    });
  }

  override onLink(listener: LinkListener): void {
    super.onLink((event) => {
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
