/**
 * Every bound of the engine, in one place. The constants are fixed; `ZmqLimits` and `ZmqTiming` hold what a caller may
 * change, and `completeLimits` and `completeTiming` fill in what the caller left out.
 */

/** Bytes of one slab, the buffer that outgoing frames are written into. */
export const SLAB_BYTES = 64 * 1024;

/** Slabs kept for reuse in the whole process; more than that go to the garbage collector. */
export const SLABS_KEPT_MAX = 8;

/** Payloads up to this size are copied into the slab; larger ones are handed to the socket as they are. */
export const COPY_BYTES_MAX = 8 * 1024;

/** A packet that has reached this size is closed at the next item, so that the peer can start on it. */
export const PACKET_BYTES = 16 * 1024;

/** The first part of what a turn sends leaves at this size, while the rest is still being written. */
export const EARLY_FLUSH_BYTES = 1024;

/** How many times larger each next part of a turn is: few system calls, and yet a peer that need not wait. */
export const EARLY_FLUSH_GROWTH = 4;

/** One flush writes about this much, then looks whether the socket still takes more. */
export const FLUSH_BYTES_MAX = 256 * 1024;

/** The same under encryption: smaller, so that the peer decrypts the first part while this side encrypts the next. */
export const SEALED_FLUSH_BYTES_MAX = 16 * 1024;

/** Bytes that may wait in a socket for the kernel; beyond, messages wait unencoded, where they can still expire. */
export const SOCKET_WAITING_BYTES_MAX = 1024 * 1024;

/** A frame that arrives in pieces gets a buffer of this size at first; it grows only as bytes really arrive. */
export const PARTIAL_BYTES = 1024 * 1024;

/** Largest command accepted before a peer is known, so that a stranger cannot make this side hold much. */
export const HANDSHAKE_BYTES_MAX = 16 * 1024;

/** Commands accepted before a handshake must be over; both mechanisms need two at most. */
export const HANDSHAKE_COMMANDS_MAX = 8;

/** Bytes of context a PING may carry (RFC 37); it is sent back in the PONG. */
export const PING_CONTEXT_BYTES_MAX = 16;

/** Bytes of a socket identity (RFC 37). */
export const IDENTITY_BYTES_MAX = 255;

/**
 * Bounds on size and number that a caller may change, per listener or connector.
 * Sizes are in bytes of payload. What is over a bound is refused: from the caller with `overloaded` or an error, from
 * a peer by closing its connection.
 */
export interface ZmqLimits {
  /** Largest frame accepted or sent, in bytes; default 65 MiB: a 64 MiB body and what surrounds it. */
  readonly frameBytesMax: number;
  /** Most frames in one message; default 64. */
  readonly framesMax: number;
  /** Largest message over all its frames, in bytes; default 65 MiB. */
  readonly messageBytesMax: number;
  /** Most messages that wait in one outbox; default 10,000. */
  readonly outboxMessagesMax: number;
  /** Most bytes that wait in one outbox; default 64 MiB. An empty outbox takes any one message. */
  readonly outboxBytesMax: number;
  /** Most connections a listener holds at a time, those in handshake included; default 4,096. */
  readonly connectionsMax: number;
}

/**
 * Times that a caller may change, all in milliseconds.
 * They bound how long a peer may keep this side waiting, and how hard this side tries to get back to a lost peer.
 */
export interface ZmqTiming {
  /** From the start of a connection to the end of its handshake; default 10,000. */
  readonly handshakeTimeoutMs: number;
  /** A connection with nothing sent or nothing heard for so long sends a PING; default 2,000; 0 sends none. */
  readonly heartbeatIntervalMs: number;
  /** A peer silent for so long is declared dead; default 10,000. */
  readonly heartbeatTimeoutMs: number;
  /** Pause before the first reconnection; default 20. It doubles with every failure. */
  readonly reconnectMinMs: number;
  /** Longest pause between two reconnections; default 5,000. */
  readonly reconnectMaxMs: number;
  /** How long `close` waits for what is queued to leave; default 1,000. */
  readonly lingerMs: number;
}

const DEFAULT_LIMITS: ZmqLimits = {
  frameBytesMax: 65 * 1024 * 1024,
  framesMax: 64,
  messageBytesMax: 65 * 1024 * 1024,
  outboxMessagesMax: 10_000,
  outboxBytesMax: 64 * 1024 * 1024,
  connectionsMax: 4_096,
};

const DEFAULT_TIMING: ZmqTiming = {
  handshakeTimeoutMs: 10_000,
  heartbeatIntervalMs: 2_000,
  heartbeatTimeoutMs: 10_000,
  reconnectMinMs: 20,
  reconnectMaxMs: 5_000,
  lingerMs: 1_000,
};

/** Gives every limit a value: the caller's where there is one, the default elsewhere. */
export function completeLimits(limits: Partial<ZmqLimits> | undefined): ZmqLimits {
  return { ...DEFAULT_LIMITS, ...limits };
}

/** Gives every time a value: the caller's where there is one, the default elsewhere. */
export function completeTiming(timing: Partial<ZmqTiming> | undefined): ZmqTiming {
  return { ...DEFAULT_TIMING, ...timing };
}

/** Messages that may wait unencoded on one link, while there is no connection or the peer is slow. */
export const BACKLOG_MESSAGES_MAX = 16_384;

/** Bytes that may wait unencoded on one link: two of the largest bodies. */
export const BACKLOG_BYTES_MAX = 128 * 1024 * 1024;

/** Largest packet accepted. */
export const PACKET_BYTES_MAX = 65 * 1024 * 1024;

/** Keys of one seal: each that is not the right one costs a look at the whole body. */
export const SEAL_KEYS_MAX = 8;
