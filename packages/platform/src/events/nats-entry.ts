import type { Entry, NewEntry } from "./event-store.ts";

/** Writes an entry as one message: a line of JSON, then the body. */
export function encodeEntry({ id, at, note, body }: NewEntry): Uint8Array {
  const head = new TextEncoder().encode(`${JSON.stringify([id, at, note])}\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** Reads it. @throws Error where it is none */
export function decodeEntry(offset: number, bytes: Uint8Array): Entry {
  const end = bytes.indexOf(NEWLINE);
  const [id, at, note] = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as [string, number, string];
  return { offset, id, at, note, body: new Uint8Array(bytes.subarray(end + 1)) };
}

const NEWLINE = 10;
