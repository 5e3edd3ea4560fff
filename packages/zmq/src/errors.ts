/**
 * What went wrong, as a closed list that callers may branch on.
 *
 * Fix the input: `invalid_argument`, `address_in_use`, `address_unavailable`, `handshake_failed`, `unauthenticated`.
 * Try again later: `unreachable`, `peer_lost`, `peer_silent`, `overloaded`. The peer
 * is broken: `protocol_violation`.
 */
export type ZmqErrorCode =
  | "invalid_argument"
  | "address_in_use"
  | "address_unavailable"
  | "unreachable"
  | "handshake_failed"
  | "unauthenticated"
  | "protocol_violation"
  | "peer_silent"
  | "peer_lost"
  | "overloaded";

/**
 * The one error of this package.
 * `code` tells a caller what to do, `message` tells a person what failed and what would work. Neither ever holds a
 * secret key or what a peer sent beyond a printable reason.
 */
export class ZmqError extends Error {
  override readonly name = "ZmqError";
  readonly code: ZmqErrorCode;

  constructor(code: ZmqErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * A peer did what it must not, or cannot be talked to; the connection with it ends.
 * Inner layers throw it with the reason alone (`why, what would work`); the connection knows the peer's address and
 * makes a `ZmqError` of it. With `wireReason` the peer is told in an ERROR command before the end.
 */
export class PeerFault extends Error {
  override readonly name = "PeerFault";
  readonly code: ZmqErrorCode;
  readonly wireReason: string | undefined;

  constructor(code: ZmqErrorCode, why: string, wireReason?: string) {
    super(why);
    this.code = code;
    this.wireReason = wireReason;
  }
}

/** Makes the fault for bytes that break the protocol. `why` is the reason alone, without an action. */
export function violation(why: string): PeerFault {
  return new PeerFault("protocol_violation", why);
}
