import {
  type ByteReader,
  type ByteWriter,
  createByteReader,
  createByteWriter,
  createPacketReader,
  createPacketWriter,
  encodePacket,
  isControl,
  type Message,
  type PacketReader,
  type PacketWriter,
} from "@orrery/core/internal";
import type { Frame } from "../network/frame.ts";
import { FRAME, FRAME_KINDS, WINDOW } from "./window-fields.ts";

/** A frame between nodes of different members, with the place of its arrival in the order of the world. */
export interface SharedFrame {
  readonly frame: Frame;
  /** Numbers of the nodes. */
  readonly from: number;
  readonly to: number;
  readonly tick: number;
  readonly sequence: number;
  readonly sentTick: number;
  readonly causeOrigin: number;
  readonly causeSequence: number;
  readonly inOrder: boolean;
}

/** What a member says to another after each window. */
export interface WindowPacket {
  readonly member: number;
  readonly round: number;
  /** Tick of the earliest event that it has, or has sent to anybody; undefined for none. */
  readonly next: number | undefined;
  /** Whether it asks all to stop. */
  readonly halt: boolean;
  readonly framesBefore: number;
  readonly frames: readonly SharedFrame[];
}

/** Writes the windows of one member for another: it keeps their routes. */
export interface WindowWriter {
  write(packet: WindowPacket): Uint8Array<ArrayBuffer>;
}

/** Reads the windows of one member, in their order. */
export interface WindowReader {
  /** @throws Error for bytes that are none. */
  read(bytes: Uint8Array): WindowPacket;
}

/** Makes a writer, as `proto/orrery/clock/v1/window.proto` has it. */
export function createWindowWriter(): WindowWriter {
  const writer = createByteWriter();
  const messages = createPacketWriter();
  return {
    write(packet) {
      writer.moveTo(writer.bytes, 0);
      writeWindow(writer, packet, messages);
      return writer.finish();
    },
  };
}

/** Makes a reader. */
export function createWindowReader(): WindowReader {
  const reader = createByteReader(new Uint8Array(0));
  const messages = createPacketReader();
  return {
    read(bytes) {
      reader.reset(bytes);
      const packet = readWindow(reader, bytes.length, messages);
      reader.release();
      return packet;
    },
  };
}

/** Messages of one packet; its reader takes no more than 65,536. */
const PACKET_MESSAGES = 32_768;

function writeWindow(writer: ByteWriter, packet: WindowPacket, messages: PacketWriter): void {
  const { member, round, next, halt, framesBefore, frames } = packet;
  writeNumber(writer, WINDOW.member, member);
  writeNumber(writer, WINDOW.round, round);
  if (next !== undefined) writeNumber(writer, WINDOW.next, next + 1);
  if (halt) writeNumber(writer, WINDOW.halt, 1);
  writeNumber(writer, WINDOW.framesBefore, framesBefore);
  for (const frame of frames) {
    writer.byte(WINDOW.frames);
    const content = writer.begin();
    writeFrame(writer, frame);
    writer.end(content);
  }
  const bodies = frames.flatMap(({ frame }) => (frame.kind === "message" ? [frame.message] : []));
  for (let first = 0; first < bodies.length; first += PACKET_MESSAGES) {
    writer.byte(WINDOW.packets);
    writer.data(encodePacket(messages, bodies.slice(first, first + PACKET_MESSAGES), 0)); // Frames say what is left of their time.
  }
}

function writeFrame(writer: ByteWriter, shared: SharedFrame): void {
  const { frame } = shared;
  const isOfControl = frame.kind === "message" && isControl(frame.message);
  writeNumber(writer, FRAME.kind, FRAME_KINDS.indexOf(isOfControl ? "control" : frame.kind));
  writeNumber(writer, FRAME.from, shared.from);
  writeNumber(writer, FRAME.to, shared.to);
  writeNumber(writer, FRAME.tick, shared.tick);
  writeNumber(writer, FRAME.sequence, shared.sequence);
  writeNumber(writer, FRAME.sentTick, shared.sentTick);
  writeNumber(writer, FRAME.causeOrigin, shared.causeOrigin);
  writeNumber(writer, FRAME.causeSequence, shared.causeSequence);
  writeNumber(writer, FRAME.inOrder, shared.inOrder ? 1 : 0);
  writeText(writer, FRAME.connection, frame.connection);
  if ("toDialler" in frame) writeNumber(writer, FRAME.toDialler, frame.toDialler ? 1 : 0);
  if (frame.kind === "message" && frame.budgetMs !== 0) {
    writer.byte(FRAME.budgetMs);
    writer.double(frame.budgetMs);
  }
  if (frame.kind === "dial") {
    writeText(writer, FRAME.address, frame.address);
    writeText(writer, FRAME.back, frame.back);
  }
  if (frame.kind === "hangup") writeText(writer, FRAME.reason, frame.reason);
}

function writeNumber(writer: ByteWriter, tag: number, value: number): void {
  if (value === 0) return;
  writer.byte(tag);
  writer.uint53(value);
}

function writeText(writer: ByteWriter, tag: number, value: string): void {
  if (value === "") return;
  writer.byte(tag);
  writer.text(value);
}

interface Fields {
  kind: number;
  from: number;
  to: number;
  tick: number;
  sequence: number;
  sentTick: number;
  causeOrigin: number;
  causeSequence: number;
  inOrder: number;
  connection: string;
  toDialler: number;
  budgetMs: number;
  address: string;
  back: string;
  reason: string;
}

function readWindow(reader: ByteReader, length: number, messages: PacketReader): WindowPacket {
  const window = { member: 0, round: 0, next: 0, halt: 0, framesBefore: 0 };
  const read: Fields[] = [];
  const packets: Uint8Array[] = [];
  while (reader.position < length) {
    const tag = reader.tag();
    if (tag === WINDOW.frames) read.push(readFields(reader, reader.end()));
    else if (tag === WINDOW.packets) packets.push(reader.data());
    else if (tag === WINDOW.member) window.member = reader.uint53();
    else if (tag === WINDOW.round) window.round = reader.uint53();
    else if (tag === WINDOW.next) window.next = reader.uint53();
    else if (tag === WINDOW.halt) window.halt = reader.uint53();
    else if (tag === WINDOW.framesBefore) window.framesBefore = reader.uint53();
    else reader.skip(tag, 0);
  }
  const { member, round, next, halt, framesBefore } = window;
  const frames = read.length === 0 ? NONE : joinMessages(read, packets, messages);
  return { member, round, next: next === 0 ? undefined : next - 1, halt: halt === 1, framesBefore, frames };
}

const NONE: readonly SharedFrame[] = Object.freeze([]);

/** Gives each frame its message: those of the control plane are handed over apart, in their own order. */
function joinMessages(read: readonly Fields[], packets: readonly Uint8Array[], messages: PacketReader) {
  const control: Message[] = [];
  const envelopes: Message[] = [];
  const taker = {
    control: (message: Message) => void control.push(message),
    envelope: (message: Message) => void envelopes.push(message),
  };
  for (const packet of packets) messages.read(packet, 0, taker);
  let ofControl = 0;
  let ofApplication = 0;
  return read.map((fields): SharedFrame => {
    const kind = FRAME_KINDS[fields.kind];
    const message =
      kind === "control" ? control[ofControl++] : kind === "message" ? envelopes[ofApplication++] : undefined;
    const { from, to, tick, sequence, sentTick, causeOrigin, causeSequence } = fields;
    const frame = frameOf(fields, kind, message);
    return { frame, from, to, tick, sequence, sentTick, causeOrigin, causeSequence, inOrder: fields.inOrder === 1 };
  });
}

function frameOf(fields: Fields, kind: (typeof FRAME_KINDS)[number] | undefined, message: Message | undefined): Frame {
  const { connection, budgetMs, address, back, reason } = fields;
  const toDialler = fields.toDialler === 1;
  switch (kind) {
    case "dial":
      return { kind, connection, address, back };
    case "accepted":
    case "refused":
      return { kind, connection };
    case "hangup":
      return { kind, connection, toDialler, reason };
    case "heard":
      return { kind, connection, toDialler };
    default:
      if (message === undefined) throw new Error(`Cannot read a window: a frame of kind ${fields.kind} has no message`);
      return { kind: "message", connection, toDialler, message, budgetMs };
  }
}

function readFields(reader: ByteReader, end: number): Fields {
  const fields: Fields = {
    kind: 0,
    from: 0,
    to: 0,
    tick: 0,
    sequence: 0,
    sentTick: 0,
    causeOrigin: 0,
    causeSequence: 0,
    inOrder: 0,
    connection: "",
    toDialler: 0,
    budgetMs: 0,
    address: "",
    back: "",
    reason: "",
  };
  while (reader.position < end) readField(reader, reader.tag(), fields);
  return fields;
}

function readField(reader: ByteReader, tag: number, fields: Fields): void {
  const name = NAMES[tag];
  if (name === undefined) reader.skip(tag, 0);
  else if (name === "budgetMs") fields.budgetMs = reader.double();
  else if (name === "connection" || name === "address" || name === "back" || name === "reason")
    fields[name] = reader.text();
  else fields[name] = reader.uint53();
}

/** Names of Frame's fields, by tag. */
const NAMES: readonly (keyof Fields | undefined)[] = Object.entries(FRAME).reduce<(keyof Fields | undefined)[]>(
  (names, [name, tag]) => {
    names[tag] = name as keyof Fields;
    return names;
  },
  new Array(128).fill(undefined),
);
