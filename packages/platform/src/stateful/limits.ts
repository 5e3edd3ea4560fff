/** UTF-16 units of a key. */
export const KEY_LENGTH_MAX = 1_024;
/** Keys of one mechtron's state. */
export const KEYS_MAX = 65_536;
/** Bytes of one mechtron's state, keys included; all of it fits into one message between its members. */
export const STATE_BYTES_MAX = 16 * 1024 * 1024;
/** Keys that one call lists. */
export const KEYS_LISTED_MAX = 1_000;
