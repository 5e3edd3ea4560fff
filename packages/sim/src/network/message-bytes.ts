import { createPacketReader, createPacketWriter, encodePacket, type Message } from "@orrery/core/internal";

/** Writes a message by itself, as a wire would. `nowMs` is the time by which its deadline counts. */
export function encodeMessage(message: Message, nowMs: number): Uint8Array<ArrayBuffer> {
  return encodePacket(createPacketWriter(), [message], nowMs);
}

/** Reads a message; undefined for a kind of a newer peer. @throws Error for bytes that are none. */
export function decodeMessage(bytes: Uint8Array, nowMs: number): Message | undefined {
  let read: Message | undefined;
  const take = (message: Message) => {
    read = message;
  };
  createPacketReader().read(bytes, nowMs, { control: take, envelope: take });
  return read;
}
