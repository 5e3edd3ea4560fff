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

/** Bodies of more bytes than this are not copied into a packet but lent to its room. */
export const BODY_COPIED_MAX = 8192;

/** Room that is asked for around a body: most envelopes fit, and one that does not is written elsewhere first. */
const AROUND_BYTES = 512;

/** What a plain envelope takes beside its body, about: a good guess of its length saves moving it. */
const PLAIN_ENVELOPE_BYTES = 16;

/** Where packets are written: the buffers of a transport. */
export interface PacketRoom {
  /** The buffer that the last `reserve` gave room in. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Makes room for at least `size` more bytes and returns the offset in `bytes` where they start; may change `bytes`. */
  reserve(size: number): number;
  /** Says that what was reserved is filled up to the offset `end`. */
  commit(end: number): void;
  /** Appends bytes. Large ones may be kept as they are, for they are never written again. */
  write(bytes: Uint8Array): void;
}

/** Writes the messages of one direction of one connection. It keeps the connection's routes, so a new connection needs a new one. */
export interface PacketWriter {
  /** Adds a message to the packet that the room is at. `nowMs` is the monotonic time. */
  add(message: Message, nowMs: number, room: PacketRoom): void;
}

/** Makes a writer of packets. */
export function createPacketWriter(): PacketWriter {
  return new RoutedPacketWriter();
}

class RoutedPacketWriter implements PacketWriter {
  readonly #writer: ByteWriter = createByteWriter(0);
  readonly #routes = createSentRoutes();

  add(message: Message, nowMs: number, room: PacketRoom): void {
    if (isControl(message)) this.#addControl(message, room);
    else if (message.bytes !== undefined && message.bytes.length > BODY_COPIED_MAX)
      this.#addLarge(message, message.bytes, { nowMs, room });
    else this.#addSmall(message, nowMs, room);
  }

  #addControl({ bytes }: ControlFrame, room: PacketRoom): void {
    const start = this.#open(AROUND_BYTES, room);
    this.#writer.byte(PACKET.control);
    this.#writer.uint32(bytes.length);
    this.#close(start, room);
    room.write(bytes);
  }

  #addSmall(envelope: Envelope, nowMs: number, room: PacketRoom): void {
    const writer = this.#writer;
    const bodyBytes = envelope.bytes === undefined ? 0 : envelope.bytes.length;
    const start = this.#open(bodyBytes + AROUND_BYTES, room);
    writer.byte(PACKET.envelope);
    const expected = bodyBytes + PLAIN_ENVELOPE_BYTES;
    const content = writer.begin(expected);
    encodeEnvelopeHead(writer, envelope, this.#routes, nowMs);
    encodeEnvelopeTail(writer, envelope);
    writer.end(content, expected);
    this.#close(start, room);
  }

  /** Writes all around the body with a length that counts it too, and lends the body between. */
  #addLarge(envelope: Envelope, body: Uint8Array, { nowMs, room }: { nowMs: number; room: PacketRoom }): void {
    const writer = this.#writer;
    const tail = envelope.unknown;
    const start = this.#open(AROUND_BYTES, room);
    writer.byte(PACKET.envelope);
    const content = writer.begin(body.length);
    encodeEnvelopeHead(writer, envelope, this.#routes, nowMs);
    writer.uint32(ENVELOPE.body);
    writer.uint32(body.length);
    writer.end(content, body.length, body.length + (tail?.length ?? 0));
    this.#close(start, room);
    room.write(body);
    if (tail !== undefined) room.write(tail);
  }

  #open(bytesMax: number, room: PacketRoom): number {
    const start = room.reserve(bytesMax);
    this.#writer.moveTo(room.bytes, start);
    return start;
  }

  /** Ends what `#open` began; what outgrew the room is appended to it. */
  #close(start: number, room: PacketRoom): void {
    const { bytes, position } = this.#writer;
    if (bytes === room.bytes) room.commit(position);
    else room.write(bytes.subarray(start, position));
  }
}

/** Writes messages into one packet in memory of its own. */
export function encodePacket(
  writer: PacketWriter,
  messages: readonly Message[],
  nowMs: number,
): Uint8Array<ArrayBuffer> {
  const room = new GrowingRoom();
  for (const message of messages) writer.add(message, nowMs, room);
  return room.bytes.slice(0, room.size);
}

class GrowingRoom implements PacketRoom {
  bytes = new Uint8Array(1024);
  size = 0;

  reserve(size: number): number {
    if (this.size + size > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.size + size));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    return this.size;
  }

  commit(end: number): void {
    this.size = end;
  }

  write(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
    this.size = at + bytes.length;
  }
}

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
