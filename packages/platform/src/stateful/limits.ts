/** UTF-16 units of a key. */
export const KEY_LENGTH_MAX = 1_024;
/** Keys of one mechtron's state. */
export const KEYS_MAX = 65_536;
/** Bytes of one mechtron's state, keys included; all of it fits into one message between its members. */
export const STATE_BYTES_MAX = 16 * 1024 * 1024;
/** Keys that one call lists. */
export const KEYS_LISTED_MAX = 1_000;
/** Bytes of a file of changes beyond twice the state's own, after which the next begins with the whole state. */
export const FILE_SPENT_BYTES_MAX = 1024 * 1024;
/** Members of one stateful mechtron. */
export const MEMBERS_MAX = 9;
/** How long nothing is heard of a primary before another member may take over, in ms, where nobody says. */
export const SILENCE_MS = 1_000;
/** What one member may be asked and not have answered, by one other; beyond, it is passed over. */
export const ASKS_OPEN_MAX = 16;
/** How often a primary may begin another epoch for members that lack something: once in so many silences. */
export const RENEW_AFTER_SILENCES = 10;
/** How often a member that waits for another looks whether that one is there, in a silence. */
export const LOOKS_PER_SILENCE = 4;
/** How long a member waits until it tries once more to find the primary or to become it: from 1 up to this share of a silence. */
export const RETRY_SHARE = 0.1;
/** Messages that may wait for a stateful mechtron without other members. */
export const WAITING_MAX = 4_096;
/** Messages that others passed on which a member knows again, should they come twice. */
export const PASSED_KNOWN_MAX = 4_096;
