import { parseCommand } from "./command.ts";
import { PeerFault, violation } from "./errors.ts";
import { encodeFrame, FLAG_COMMAND } from "./frame.ts";
import { createGreetingReader, encodeGreeting, type Greeting } from "./greeting.ts";
import { HANDSHAKE_COMMANDS_MAX } from "./limits.ts";
import type { HandshakeResult, Mechanism } from "./mechanism.ts";

/** What came of a handshake: what the mechanism found out, and the peer's ZMTP 3 minor version. */
export interface HandshakeOutcome extends HandshakeResult {
  readonly minor: number;
}

/** The talk before the first message: greetings, then the commands of one mechanism. It knows nothing of sockets. */
export interface Handshake {
  /** The bytes to send as soon as there is a connection. */
  readonly greeting: Uint8Array;
  /** Whether the peer's greeting is complete; from then on come frames. */
  readonly greeted: boolean;
  /** How far it is, for the message that says it went no further. */
  readonly stage: string;
  /**
   * Takes what it needs of a chunk for the peer's greeting; returns how many bytes, and what to send.
   * @throws PeerFault when the two sides do not fit.
   */
  pushGreeting(chunk: Uint8Array): { readonly used: number; readonly reply: Uint8Array | undefined };
  /**
   * Takes a frame. The reply, a whole frame, is to be sent before anything else; the outcome comes once, at the end.
   * @throws PeerFault when the peer breaks the protocol or refuses.
   */
  receive(flags: number, body: Uint8Array): HandshakeProgress;
}

/** What one frame of a handshake brought about. */
export interface HandshakeProgress {
  readonly reply: Uint8Array | undefined;
  readonly outcome: HandshakeOutcome | undefined;
}

/** Makes the handshake of one connection. */
export function createHandshake(mechanism: Mechanism): Handshake {
  const reader = createGreetingReader();
  let commands = 0;
  return {
    greeting: encodeGreeting(mechanism.name, mechanism.asServer),
    get greeted() {
      return reader.greeting !== undefined;
    },
    get stage() {
      return reader.greeting === undefined ? "greeting" : `${mechanism.name} handshake`;
    },
    pushGreeting(chunk) {
      const used = reader.push(chunk);
      if (reader.greeting === undefined) return { used, reply: undefined };
      assertSameSecurity(mechanism, reader.greeting);
      return { used, reply: asFrame(mechanism.open()) };
    },
    receive(flags, body) {
      if (++commands > HANDSHAKE_COMMANDS_MAX) throw violation("its handshake does not come to an end");
      if ((flags & FLAG_COMMAND) === 0) throw violation("it sent a message before the handshake was over");
      const name = parseCommand(body).name;
      if (name === "PING" || name === "PONG") return { reply: undefined, outcome: undefined };
      const { reply, result } = mechanism.receive(body);
      const outcome = result === undefined ? undefined : { ...result, minor: reader.greeting?.minor ?? 0 };
      return { reply: asFrame(reply), outcome };
    },
  };
}

function asFrame(body: Uint8Array | undefined): Uint8Array | undefined {
  return body === undefined ? undefined : encodeFrame(FLAG_COMMAND, body);
}

function assertSameSecurity(own: Mechanism, peer: Greeting): void {
  if (peer.mechanism !== own.name) {
    const why = `it uses security "${peer.mechanism}" and this side "${own.name}", give both the same`;
    throw new PeerFault("handshake_failed", why);
  }
  if (own.name === "CURVE" && peer.asServer === own.asServer) {
    const role = own.asServer ? "server" : "client";
    throw new PeerFault("handshake_failed", `both sides are CURVE ${role}s, one must be the other`);
  }
}
