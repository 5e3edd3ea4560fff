import { parseCommand } from "./command.ts";
import { PeerFault, violation } from "./errors.ts";
import { encodeFrame, FLAG_COMMAND } from "./frame.ts";
import { createGreetingReader, encodeGreeting, type Greeting, VERSION_END } from "./greeting.ts";
import { HANDSHAKE_COMMANDS_MAX } from "./limits.ts";
import type { HandshakeResult, Mechanism } from "./mechanism.ts";

/** What came of a handshake: what the mechanism found out, and the peer's ZMTP 3 minor version. */
export interface HandshakeOutcome extends HandshakeResult {
  readonly minor: number;
}

/** The talk before the first message: greetings, then the commands of one mechanism. It knows nothing of sockets. */
export interface Handshake {
  /** Whether the peer's greeting is complete; from then on come frames. */
  readonly greeted: boolean;
  /** How far it is, for the message that says it went no further. */
  readonly stage: string;
  /** Begins, as soon as there is a connection. */
  start(): void;
  /**
   * Takes what it needs of a chunk for the peer's greeting; returns how many bytes.
   * @throws PeerFault when the two sides do not fit.
   */
  pushGreeting(chunk: Uint8Array): number;
  /**
   * Takes a frame and returns the outcome when it was the last one.
   * @throws PeerFault when the peer breaks the protocol or refuses.
   */
  receive(flags: number, body: Uint8Array): HandshakeOutcome | undefined;
}

/** What a handshake works with. */
export interface HandshakeOptions {
  readonly mechanism: Mechanism;
  /** Sends bytes to the peer, before anything else goes there. */
  send(bytes: Uint8Array): void;
}

/**
 * Makes the handshake of one connection.
 *
 * It sends signature and version first, and the rest once it has seen the same of the peer. A libzmq peer that was given
 * all at once would leave at the sight of another mechanism before having named its own, and nobody could say why.
 */
export function createHandshake({ mechanism, send }: HandshakeOptions): Handshake {
  const greeting = encodeGreeting(mechanism.name, mechanism.asServer);
  const reader = createGreetingReader();
  let received = 0;
  let commands = 0;
  const sendCommand = (body: Uint8Array | undefined) => {
    if (body !== undefined) send(encodeFrame(FLAG_COMMAND, body));
  };
  return {
    get greeted() {
      return reader.greeting !== undefined;
    },
    get stage() {
      return reader.greeting === undefined ? "greeting" : `${mechanism.name} handshake`;
    },
    start: () => send(greeting.subarray(0, VERSION_END)),
    pushGreeting(chunk) {
      const used = reader.push(chunk);
      const before = received;
      received += used;
      if (before < VERSION_END && received >= VERSION_END) send(greeting.subarray(VERSION_END));
      if (reader.greeting === undefined) return used;
      assertSameSecurity(mechanism, reader.greeting);
      sendCommand(mechanism.open());
      return used;
    },
    receive(flags, body) {
      if (++commands > HANDSHAKE_COMMANDS_MAX) throw violation("its handshake does not come to an end");
      if ((flags & FLAG_COMMAND) === 0) throw violation("it sent a message before the handshake was over");
      const { name } = parseCommand(body);
      if (name === "PING" || name === "PONG") return undefined;
      const { reply, result } = mechanism.receive(body);
      sendCommand(reply);
      return result === undefined ? undefined : { ...result, minor: reader.greeting?.minor ?? 0 };
    },
  };
}

function assertSameSecurity(own: Mechanism, peer: Greeting): void {
  if (peer.mechanism !== own.name) {
    const why = `it uses security "${peer.mechanism}" and this side "${own.name}", give both the same`;
    throw new PeerFault("handshake_failed", why);
  }
  // Only a claim to be the server tells something: libzmq leaves that byte zero, also where it is one.
  if (own.asServer && peer.asServer) {
    throw new PeerFault("handshake_failed", "both sides are CURVE servers, one must be a client");
  }
}
