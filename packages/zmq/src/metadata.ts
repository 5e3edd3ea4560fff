import { violation } from "./errors.ts";
import { readUint32, writeUint32 } from "./frame.ts";

/**
 * The properties that one side tells the other in its handshake: `Socket-Type`, `Identity` and the application's own,
 * which start with `X-`. Keys are in lower case once parsed, because names are compared without regard to case.
 */
export type Metadata = ReadonlyMap<string, Uint8Array>;

const NAME = /^[A-Za-z0-9\-_.+]{1,255}$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Encodes properties as RFC 37 writes them: a name of one length byte, a value of four.
 * Names are sent as given, in the order of the map.
 */
export function encodeMetadata(properties: Metadata): Uint8Array {
  const entries = [...properties].map(([name, value]) => ({ name: encoder.encode(name), value }));
  const size = entries.reduce((sum, { name, value }) => sum + 5 + name.length + value.length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { name, value } of entries) {
    bytes[at] = name.length;
    bytes.set(name, at + 1);
    at += 1 + name.length;
    writeUint32(bytes, at, value.length);
    bytes.set(value, at + 4);
    at += 4 + value.length;
  }
  return bytes;
}

/**
 * Parses what a peer sent; the values are copies. A name that comes twice keeps its last value.
 * @throws PeerFault `protocol_violation` when a length points past the end or a name has other than the RFC's letters.
 */
export function parseMetadata(bytes: Uint8Array): Metadata {
  const properties = new Map<string, Uint8Array>();
  let at = 0;
  while (at < bytes.length) {
    const valueLengthAt = at + 1 + (bytes[at] as number);
    const valueAt = valueLengthAt + 4;
    const end = valueAt + readUint32(bytes, valueLengthAt);
    if (valueAt > bytes.length || end > bytes.length) throw violation("its metadata ends in the middle of a property");
    const name = decoder.decode(bytes.subarray(at + 1, valueLengthAt));
    if (!NAME.test(name)) throw violation("its metadata has a property without a proper name");
    properties.set(name.toLowerCase(), Uint8Array.from(bytes.subarray(valueAt, end)));
    at = end;
  }
  return properties;
}
