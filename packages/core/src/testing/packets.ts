import type { Envelope } from "../envelope.ts";
import type { Message } from "../transport.ts";
import {
  createPacketReader,
  createPacketWriter,
  encodePacket,
  type PacketReader,
  type PacketWriter,
} from "../wire/packet.ts";

/** Writes messages into one packet of one piece. */
export function packetOf(
  messages: readonly Message[],
  options: { writer?: PacketWriter; nowMs?: number } = {},
): Uint8Array {
  return encodePacket(options.writer ?? createPacketWriter(), messages, options.nowMs ?? 0);
}

/** Reads the messages of one packet, control first. */
export function readPacket(
  packet: Uint8Array,
  options: { reader?: PacketReader; nowMs?: number } = {},
): { control: Uint8Array[]; envelopes: Envelope[] } {
  const taken: { control: Uint8Array[]; envelopes: Envelope[] } = { control: [], envelopes: [] };
  (options.reader ?? createPacketReader()).read(packet, options.nowMs ?? 0, {
    control: (frame) => taken.control.push(frame.bytes),
    envelope: (envelope) => taken.envelopes.push(envelope),
  });
  return taken;
}

/** Bytes as hex, without spaces. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Bytes from hex, spaces allowed. */
export function unhex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
}
