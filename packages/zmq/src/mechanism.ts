import type { FrameSealer } from "./frame-writer.ts";
import type { Metadata } from "./metadata.ts";

/** An encrypted connection's two directions, after its handshake. */
export interface SecureSession {
  readonly sealer: FrameSealer;
  /**
   * Opens a received body in place. The payload is a view of it; `flags` are those of the frame inside.
   * @throws PeerFault `protocol_violation` when it was changed on its way, repeated, or is no MESSAGE.
   */
  open(body: Uint8Array): { readonly flags: number; readonly payload: Uint8Array };
}

/** What a handshake that went well ends with. */
export interface HandshakeResult {
  readonly metadata: Metadata;
  /** Present when the connection is encrypted. */
  readonly session: SecureSession | undefined;
  /** The peer's long-term public key, when it has proven to own one. */
  readonly publicKey: Uint8Array | undefined;
  /** What the listener's `authorize` returned for that key. */
  readonly info: unknown;
}

/** What to do after a command of the peer: send `reply` if there is one, then go on or be done. */
export interface HandshakeStep {
  readonly reply: Uint8Array | undefined;
  readonly result: HandshakeResult | undefined;
}

/**
 * One side of one handshake; a fresh one for every connection.
 * It sees the commands between the greeting and the first message, and knows nothing of sockets.
 */
export interface Mechanism {
  readonly name: "NULL" | "CURVE";
  readonly asServer: boolean;
  /** The command to send first, for the side that speaks first. */
  open(): Uint8Array | undefined;
  /**
   * Takes one command of the peer, the whole body of its frame.
   * @throws PeerFault when the peer cannot be talked to.
   */
  receive(body: Uint8Array): HandshakeStep;
}

/** Checks the peer's metadata before this side says yes; throws a PeerFault when it does not fit. */
export type MetadataCheck = (metadata: Metadata) => void;

/** What the layers above hand to every mechanism: what to announce, and what to demand of the peer. */
export interface MechanismOptions {
  readonly metadata: Metadata;
  readonly check: MetadataCheck;
}
