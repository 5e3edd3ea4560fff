import type { Envelope } from "../envelope.ts";
import { PACKET_MESSAGES_MAX } from "../limits.ts";
import { createByteReader } from "../protobuf/byte-reader.ts";
import type { ByteWriter } from "../protobuf/byte-writer.ts";
import { createByteWriter } from "../protobuf/byte-writer.ts";
import type { ControlFrame, Message } from "../transport.ts";
import { isControl } from "../transport.ts";
import { decodeEnvelope } from "./decode-envelope.ts";
import { encodeEnvelopeHead, encodeEnvelopeTail } from "./encode-envelope.ts";
import { ENVELOPE, PACKET } from "./fields.ts";
import { createReceivedRoutes, createSentRoutes } from "./routes.ts";

/** Bodies of more bytes than this are not copied into a packet but put beside it. */
export const BODY_COPIED_MAX = 8192;

/** Writes the messages of one direction of one connection. It keeps the connection's routes, so a new connection needs a new one. */
export interface PacketWriter {
  /** Bytes written so far into a packet that was not yet taken. */
  readonly size: number;
  /** Adds a message. `nowMs` is the monotonic time. */
  add(message: Message, nowMs: number): void;
  /**
   * Gives what was added, in pieces that together are one encoded Packet, and starts the next. Every second piece is a large
   * body, as it was handed in; the others are views that are valid until the next `add`.
   */
  take(): readonly Uint8Array[];
}

/** Makes a writer of packets. */
export function createPacketWriter(): PacketWriter {
  return new RoutedPacketWriter();
}

class RoutedPacketWriter implements PacketWriter {
  readonly #writer: ByteWriter = createByteWriter(64 * 1024);
  readonly #scratch: ByteWriter = createByteWriter(1024);
  readonly #routes = createSentRoutes();
  /** Large bodies, each with the place in the writer's bytes before which it goes. */
  #bodies: { readonly at: number; readonly body: Uint8Array }[] = [];
  #bodiesSize = 0;

  get size(): number {
    return this.#bodiesSize + this.#writer.position;
  }

  add(message: Message, nowMs: number): void {
    const writer = this.#writer;
    if (isControl(message)) {
      writer.byte(PACKET.control);
      writer.data(message.bytes);
      return;
    }
    writer.byte(PACKET.envelope);
    const body = message.bytes;
    if (body !== undefined && body.length > BODY_COPIED_MAX) {
      this.#addLarge(message, body, nowMs);
      return;
    }
    const start = writer.begin();
    encodeEnvelopeHead(writer, message, this.#routes, nowMs);
    encodeEnvelopeTail(writer, message);
    writer.end(start);
  }

  take(): readonly Uint8Array[] {
    const { bytes, position } = this.#writer;
    this.#writer.position = 0;
    if (position === 0) return NO_PIECES;
    if (this.#bodies.length === 0) return [bytes.subarray(0, position)];
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (const { at, body } of this.#bodies) {
      pieces.push(bytes.subarray(from, at), body);
      from = at;
    }
    if (from < position) pieces.push(bytes.subarray(from, position));
    this.#bodies = [];
    this.#bodiesSize = 0;
    return pieces;
  }

  #addLarge(envelope: Envelope, body: Uint8Array, nowMs: number): void {
    const scratch = this.#scratch;
    scratch.position = 0;
    encodeEnvelopeHead(scratch, envelope, this.#routes, nowMs);
    scratch.uint32(ENVELOPE.body);
    scratch.uint32(body.length);
    const tail = envelope.unknown;
    this.#writer.uint32(scratch.position + body.length + (tail?.length ?? 0));
    this.#writer.raw(scratch.bytes.subarray(0, scratch.position));
    this.#bodies.push({ at: this.#writer.position, body });
    this.#bodiesSize += body.length;
    if (tail !== undefined) this.#writer.raw(tail);
  }
}

const NO_PIECES: readonly Uint8Array[] = Object.freeze([]);

/** Takes what a packet holds. */
export interface PacketTaker {
  control(frame: ControlFrame): void;
  envelope(envelope: Envelope): void;
}

/** Reads the messages of one direction of one connection. */
export interface PacketReader {
  /** Reads a whole packet and hands over its messages: control first. @throws Error for bytes that are no packet; nothing of it was handed over. */
  read(bytes: Uint8Array, nowMs: number, taker: PacketTaker): void;
}

/** Makes a reader of packets. */
export function createPacketReader(): PacketReader {
  const routes = createReceivedRoutes();
  const reader = createByteReader(new Uint8Array(0));
  return {
    read(bytes, nowMs, taker) {
      reader.reset(bytes);
      const envelopes: Envelope[] = [];
      const control: ControlFrame[] = [];
      while (reader.position < bytes.length) {
        const tag = reader.tag();
        if (envelopes.length + control.length >= PACKET_MESSAGES_MAX)
          reader.fail(`packet of more than ${PACKET_MESSAGES_MAX} messages`);
        if (tag === PACKET.envelope) {
          const envelope = decodeEnvelope(reader, reader.end(), routes, nowMs);
          if (envelope !== undefined) envelopes.push(envelope);
        } else if (tag === PACKET.control) control.push({ plane: "control", bytes: reader.data() });
        else reader.skip(tag, 0);
      }
      reader.release();
      for (const frame of control) taker.control(frame);
      for (const envelope of envelopes) taker.envelope(envelope);
    },
  };
}
