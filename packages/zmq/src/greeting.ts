import { PeerFault } from "./errors.ts";

/** Bytes of a ZMTP 3 greeting. */
export const GREETING_BYTES = 64;

/** Where the signature and the version end, and the mechanism begins. */
export const VERSION_END = 12;

/** What a greeting says about its sender. */
export interface Greeting {
  readonly minor: number;
  readonly mechanism: string;
  readonly asServer: boolean;
}

const SIGNATURE_HEAD = 0xff;
const SIGNATURE_TAIL = 0x7f;
const MECHANISM_BYTES = 20;
const AS_SERVER_AT = 32;

/** Encodes the greeting of a ZMTP 3.1 peer with this security mechanism (RFC 37). */
export function encodeGreeting(mechanism: string, asServer: boolean): Uint8Array {
  const bytes = new Uint8Array(GREETING_BYTES);
  bytes[0] = SIGNATURE_HEAD;
  bytes[9] = SIGNATURE_TAIL;
  bytes[10] = 3;
  bytes[11] = 1;
  bytes.set(Buffer.from(mechanism, "latin1"), VERSION_END);
  bytes[AS_SERVER_AT] = asServer ? 1 : 0;
  return bytes;
}

/** Collects the greeting of a peer out of chunks of any size. */
export interface GreetingReader {
  /** The greeting, once all of it is there. */
  readonly greeting: Greeting | undefined;
  /**
   * Takes what it needs from the chunk and returns how many bytes that was.
   * @throws PeerFault as soon as the first bytes show that the peer is no ZMTP 3 peer.
   */
  push(chunk: Uint8Array): number;
}

/** Makes a reader for one connection. */
export function createGreetingReader(): GreetingReader {
  const bytes = new Uint8Array(GREETING_BYTES);
  let fill = 0;
  let greeting: Greeting | undefined;
  return {
    get greeting() {
      return greeting;
    },
    push(chunk) {
      const count = Math.min(GREETING_BYTES - fill, chunk.length);
      bytes.set(chunk.subarray(0, count), fill);
      fill += count;
      assertZmtp3(bytes, fill);
      if (fill === GREETING_BYTES) greeting = parseGreeting(bytes);
      return count;
    },
  };
}

function assertZmtp3(bytes: Uint8Array, fill: number): void {
  const old = new PeerFault("handshake_failed", "it speaks a ZMTP older than 3.0, upgrade its ZeroMQ to 4.0 or later");
  if (fill > 0 && bytes[0] !== SIGNATURE_HEAD) {
    // A ZMTP 1 peer opens with a short frame: one length byte, a zero flag byte.
    if (fill > 1 && bytes[1] === 0) throw old;
    const first = `0x${(bytes[0] as number).toString(16).padStart(2, "0")}`;
    throw new PeerFault(
      "handshake_failed",
      `it does not speak ZMTP (first byte ${first}), check that the port is right`,
    );
  }
  if (fill > 9 && bytes[9] !== SIGNATURE_TAIL) throw old;
  if (fill > 10 && (bytes[10] as number) < 3) throw old;
}

function parseGreeting(bytes: Uint8Array): Greeting {
  const name = String.fromCharCode(...bytes.subarray(VERSION_END, VERSION_END + MECHANISM_BYTES));
  const mechanism = name.replace(/\0+$/, "");
  if (!/^[A-Z0-9\-_.+]{1,20}$/.test(mechanism)) {
    throw new PeerFault("handshake_failed", "its greeting names no security mechanism");
  }
  return { minor: bytes[10] === 3 ? (bytes[11] as number) : 1, mechanism, asServer: bytes[AS_SERVER_AT] === 1 };
}
