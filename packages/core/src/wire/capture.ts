import type { Direction } from "./inspect-packet.ts";

/** One packet of a capture. */
export interface CapturedPacket {
  /** Wall time in ms since 1970. */
  readonly timeMs: number;
  readonly direction: Direction;
  /** Number of the link, unique within the capture: routes belong to one link and one direction. */
  readonly link: number;
  /** Address of the other side; at most 65,535 bytes of UTF-8. */
  readonly peer: string;
  /** One encoded Packet. */
  readonly packet: Uint8Array;
}

/** First bytes of a capture file: a line of text that says what it is. */
export const CAPTURE_MAGIC = "orrery capture 1\n";

/** Bytes of a record before the peer: length, direction, link, time, length of the peer. */
const RECORD_HEAD_BYTES = 19;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8");

/**
 * Begins a capture file. The file is this line, then records one after the other, all numbers in network order: length of what
 * follows in the record (4 bytes), direction (1 byte: 0 in, 1 out), link (4), wall time in ms since 1970 as a double (8), length of the
 * peer (2), the peer, the packet.
 */
export function captureStart(): Uint8Array<ArrayBuffer> {
  return encoder.encode(CAPTURE_MAGIC);
}

/** Writes one record of a capture file. */
export function encodeCapturedPacket(captured: CapturedPacket): Uint8Array<ArrayBuffer> {
  const peer = encoder.encode(captured.peer);
  const record = new Uint8Array(RECORD_HEAD_BYTES + peer.length + captured.packet.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, record.length - 4);
  view.setUint8(4, captured.direction === "out" ? 1 : 0);
  view.setUint32(5, captured.link);
  view.setFloat64(9, captured.timeMs);
  view.setUint16(17, peer.length);
  record.set(peer, RECORD_HEAD_BYTES);
  record.set(captured.packet, RECORD_HEAD_BYTES + peer.length);
  return record;
}

/**
 * Reads a capture file record by record. Packets are views of it.
 * @throws Error when it is no capture, and, after the last whole record, when it breaks off in one.
 */
export function* readCapture(file: Uint8Array): Generator<CapturedPacket, void> {
  if (decoder.decode(file.subarray(0, CAPTURE_MAGIC.length)) !== CAPTURE_MAGIC)
    throw new Error(
      `Cannot read the capture: it does not begin with "${CAPTURE_MAGIC.trim()}", give a file that was captured`,
    );
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = CAPTURE_MAGIC.length;
  while (at < file.length) {
    const end = at + 4 + (at + 4 <= file.length ? view.getUint32(at) : 0);
    const peerEnd = at + RECORD_HEAD_BYTES + (at + RECORD_HEAD_BYTES <= file.length ? view.getUint16(at + 17) : 0);
    if (end > file.length || peerEnd > end)
      throw new Error(
        `Cannot read on in the capture: it breaks off at byte ${at} of ${file.length}, what came before is whole`,
      );
    yield {
      timeMs: view.getFloat64(at + 9),
      direction: view.getUint8(at + 4) === 1 ? "out" : "in",
      link: view.getUint32(at + 5),
      peer: decoder.decode(file.subarray(at + RECORD_HEAD_BYTES, peerEnd)),
      packet: file.subarray(peerEnd, end),
    };
    at = end;
  }
}
