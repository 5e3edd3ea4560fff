/** Bytes of a piece of content in a line. */
export const PIECE_BYTES = 512 * 1024;

/** Events that are read and published at once. */
export const EVENTS_PAGE = 100;

/** Entries of a store that are written at once. */
export const ENTRIES_BATCH = 100;

/** Longest line of an export, in characters: what is longer is no line of one. */
export const LINE_LENGTH_MAX = 16 * 1024 * 1024;

/** Shortest passphrase. */
export const PASSPHRASE_LENGTH_MIN = 12;
