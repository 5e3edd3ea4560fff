/** Longest request target, path and query; longer ones are answered 414. */
export const URL_LENGTH_MAX = 8 * 1024;
/** Bytes of one request's header; more are answered 431. */
export const HEADER_BYTES_MAX = 32 * 1024;
/** Header fields of one request. */
export const HEADERS_MAX = 200;
/** How long a connection may take to send a request's header. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** How long a visitor may take to send a whole request. */
export const REQUEST_TIMEOUT_MS = 300_000;
/** How long a connection without a request stays open. */
export const KEEP_ALIVE_MS = 65_000;
/** Connections; further ones are closed at once. */
export const CONNECTIONS_MAX = 10_000;
/** WebSockets that are passed on at once; further ones are answered 503. */
export const UPGRADES_MAX = 10_000;
/** How long a visitor may take nothing of an answer that waits; then the connection is cut. */
export const STALL_TIMEOUT_MS = 60_000;
/** How long `close` lets requests finish. */
export const CLOSE_TIMEOUT_MS = 10_000;
/** Bytes of an answer that are handed to a connection at once. */
export const SLICE_BYTES = 256 * 1024;
/** Longest answer that goes out in one piece with its header. */
export const JOINED_BYTES_MAX = 8 * 1024;
/** What is found at addresses, and kept in memory. */
export const FINDS_MAX = 100_000;
/** Files, and calls, that are known by host and path; with one more of either all of them are forgotten. */
export const WARM_WAYS_MAX = 10_000;
/** Longest path by which one is known so. */
export const WARM_PATH_LENGTH_MAX = 512;
/** Longest file that is kept in memory; longer ones are read from the blobs each time. */
export const CACHED_FILE_BYTES_MAX = 2 * 1024 * 1024;
/** Bytes of files in memory together, compressed forms included. */
export const CACHED_BYTES_MAX = 64 * 1024 * 1024;
/** Shorter files are not compressed. */
export const COMPRESS_BYTES_MIN = 1024;
/** Clients whose rate is known for one route; who came least lately is forgotten. */
export const CLIENTS_MAX = 10_000;
/** Bytes of bodies in memory together, which are handed whole to services and mechtrons; what is more is answered 503. */
export const HELD_BODY_BYTES_MAX = 128 * 1024 * 1024;
/** Items of a stream that are asked for ahead of what its visitor has taken. */
export const STREAM_AHEAD = 4;
/** Connections to one upstream. */
export const UPSTREAM_CONNECTIONS_MAX = 256;
/** How long a refused upload is read and thrown away, so that the visitor gets to see the refusal. */
export const LINGER_MS = 1_000;
/** How long until the registry is watched again, once watching has failed. */
export const WATCH_AGAIN_MS = 1_000;
