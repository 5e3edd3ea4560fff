/** Names that a "did you mean" lists. */
export const SUGGESTIONS_MAX = 3;
/** Bytes of a request that is read from standard input or a file. */
export const REQUEST_BYTES_MAX = 32 * 1024 * 1024;
/** Longest waits for what a node tells of itself. */
export const DESCRIBE_TIMEOUT_MS = 5_000;
/** How long an application may finish what it has accepted when it is asked to stop. */
export const STOP_TIMEOUT_MS = 10_000;
/** Changes of files that come within this time are one. */
export const WATCH_SETTLE_MS = 60;
/** Files that are watched. */
export const WATCHED_FILES_MAX = 10_000;
/** Bytes of a capture that is read. */
export const CAPTURE_READ_BYTES_MAX = 512 * 1024 * 1024;
/** How long a platform of this machine that nobody named may take to say what it serves. */
export const LOCAL_LOOK_MS = 500;
