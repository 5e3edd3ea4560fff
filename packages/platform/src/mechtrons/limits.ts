/** Bytes of a file that a mechtron reads of its bundle at once. */
export const ARTIFACT_BYTES_MAX = 1024 * 1024;
/** Time that a message to a mechtron has, in ms, where nobody says: that of binds. */
export const MESSAGE_TIMEOUT_MS = 30_000;
/** The same, at most: the time of binds, too. */
export const MESSAGE_TIMEOUT_MAX_MS = 3_600_000;
/** How long a mechtron that went wrong is told to be Panic, in ms; it is asked again all the same. */
export const PANIC_MS = 1_000;
/** How soon what could not be read, or told, is tried again, in ms. */
export const READ_AGAIN_MS = 1_000;
/** Codes of which it is known that they start; with one more all are forgotten. */
export const PROVEN_MAX = 10_000;
/** Resources that one call of a mechtron lists. */
export const LISTED_MAX = 1_000;
/** Selectors that one mechtron watches. */
export const WATCHES_MAX = 32;
/** How often a mechtron may go wrong with a change until it is passed over. */
export const TELL_AGAIN_MAX = 3;
/** Messages that may wait for one mechtron; further ones are refused. */
export const MESSAGES_WAITING_MAX = 256;
/** Messages that `orrery send` and the like have under way to mechtrons at once, and to components of apps; further ones wait. */
export const MESSAGES_SENT_AT_ONCE = 64;
/** How long a mechtron that is removed may take to finish what it accepted, in ms. */
export const DROP_MS = 10_000;
