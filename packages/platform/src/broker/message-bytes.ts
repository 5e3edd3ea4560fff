import type { BrokerMessage } from "./broker.ts";

const NEWLINE = 10;

/** Writes a message as a line of JSON and its bytes. */
export function encodeMessage({ body, ...head }: BrokerMessage): Uint8Array {
  const line = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
  const bytes = new Uint8Array(line.length + body.length);
  bytes.set(line);
  bytes.set(body, line.length);
  return bytes;
}

/** Reads it. @throws Error where it is none */
export function decodeMessage(bytes: Uint8Array): BrokerMessage {
  const end = bytes.indexOf(NEWLINE);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as Omit<BrokerMessage, "body">;
  return { ...head, body: new Uint8Array(bytes.subarray(end + 1)) };
}
