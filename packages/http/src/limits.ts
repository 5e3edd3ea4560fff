/** Every bound of this package, by name. Those with an option of the door are its defaults. */

/** Bytes of one request's body, and of what it unpacks to. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes of one request's header fields together. */
export const HEADER_BYTES_MAX = 16 * 1024;
/** Header fields of one request. */
export const HEADERS_MAX = 200;
/** How long a connection may take to send a request's header. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** How long a caller may take to send a request's body, from its header on. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Bytes of an answer that are handed to a connection at once. */
export const SLICE_BYTES = 64 * 1024;
/** How long a caller may take nothing of an answer that waits for it. */
export const STALL_TIMEOUT_MS = 60_000;
/** How long an HTTP/1.1 connection without a request stays open. */
export const KEEP_ALIVE_MS = 65_000;
/** How long an HTTP/2 connection without a request stays open. */
export const HTTP2_IDLE_MS = 300_000;
/** Connections; further ones are closed at once. */
export const CONNECTIONS_MAX = 10_000;
/** Requests under way; further ones are refused. */
export const REQUESTS_MAX = 10_000;
/** Requests under way on one HTTP/2 connection. */
export const HTTP2_STREAMS_MAX = 1_000;
/** Bytes of a refused upload that are read and thrown away, so that the caller gets to see the refusal. */
export const LINGER_BYTES_MAX = 1024 * 1024;
/** A refused upload of at most so many bytes is read to its end, and its connection kept. */
export const REST_BYTES_MAX = 64 * 1024;
/** How long a refused upload is read and thrown away. */
export const LINGER_MS = 1_000;
/** How long `close` lets requests finish. */
export const CLOSE_TIMEOUT_MS = 10_000;
/** Names that an error lists. */
export const NAMES_LISTED_MAX = 20;
/** Characters of an idempotency key. */
export const IDEMPOTENCY_KEY_MAX = 256;
/** Replies smaller than this, in bytes, are not compressed. */
export const COMPRESS_BYTES_MIN = 1024;
/** How long a browser may remember what a preflight said, in seconds. */
export const PREFLIGHT_AGE_S = 7_200;
