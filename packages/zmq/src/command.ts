import { violation } from "./errors.ts";

/** A command of the protocol: READY, ERROR, PING, PONG, HELLO, … with the bytes after its name. */
export interface Command {
  readonly name: string;
  readonly data: Uint8Array;
}

const NAME_BYTES_MAX = 64;
const REASON_CHARS_MAX = 100;

/** Encodes the body of a command frame: one length byte, the name in ASCII, the data. */
export function encodeCommand(name: string, ...data: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat([Buffer.of(name.length), Buffer.from(name, "latin1"), ...data]));
}

/**
 * Parses the body of a command frame; `data` is a view of it.
 * @throws PeerFault `protocol_violation` when there is no name.
 */
export function parseCommand(body: Uint8Array): Command {
  const size = body[0] ?? 0;
  if (size === 0 || size > NAME_BYTES_MAX || body.length < 1 + size)
    throw violation("it sent a command without a name");
  return { name: String.fromCharCode(...body.subarray(1, 1 + size)), data: body.subarray(1 + size) };
}

/** Whether the body of a frame starts with the name of this command. */
export function isCommand(body: Uint8Array, name: string): boolean {
  if (body[0] !== name.length) return false;
  for (let index = 0; index < name.length; index++) {
    if (body[1 + index] !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** Encodes an ERROR command; `reason` is ASCII of at most 255 letters. */
export function encodeError(reason: string): Uint8Array {
  return encodeCommand("ERROR", Uint8Array.of(reason.length), Buffer.from(reason, "latin1"));
}

/** The reason in an ERROR command's data, cut to what is safe to show: 100 printable ASCII letters. */
export function readErrorReason(data: Uint8Array): string {
  const text = String.fromCharCode(...data.subarray(1, 1 + Math.min(data[0] ?? 0, REASON_CHARS_MAX)));
  return text.replace(/[^ -~]/g, "?");
}

/** Encodes a PING that asks the peer to give up after `ttlMs` of silence, in steps of 100 ms up to 6,553.5 s. */
export function encodePing(ttlMs: number): Uint8Array {
  const tenths = Math.min(65_535, Math.ceil(ttlMs / 100));
  return encodeCommand("PING", Uint8Array.of(tenths >> 8, tenths & 255));
}

/**
 * Reads a PING: the silence after which its sender wants to be given up, 0 for never, and the context to send back.
 * @throws PeerFault `protocol_violation` when it is shorter than its time to live.
 */
export function readPing(data: Uint8Array): { readonly ttlMs: number; readonly context: Uint8Array } {
  if (data.length < 2) throw violation("it sent a PING without a time to live");
  return { ttlMs: (((data[0] as number) << 8) | (data[1] as number)) * 100, context: data.subarray(2) };
}
