/** Longest key, in bytes of UTF-8. */
export const STORE_KEY_BYTES_MAX = 1_024;
/** Largest value of an entry. */
export const STORE_VALUE_BYTES_MAX = 1024 * 1024;
/** Writes of one batch. */
export const STORE_WRITES_MAX = 1_000;
/** Values of one batch together. */
export const STORE_BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** Entries in one page of a list. */
export const STORE_PAGE_MAX = 1_000;
/** Values in one page of a list together; the first is given in any case. */
export const STORE_PAGE_BYTES_MAX = 2 * 1024 * 1024;
/** Entries that one list may pass over before its page. */
export const STORE_OFFSET_MAX = 100_000;
/** Tables that are told of one Space, the first by their names. */
export const STORE_TABLES_MAX = 1_000;
/** Longest time that an entry may be told to stay: ten years. */
export const STORE_TTL_MS_MAX = 10 * 365 * 24 * 3_600_000;
/** How often entries whose time is over are taken away; nobody sees them from the moment that it is. */
export const STORE_SWEEP_EVERY_MS = 60_000;
/** Entries that are taken away at once. */
export const STORE_SWEEP_ENTRIES_MAX = 1_000;
/** Requests to the stores of Spaces that one node serves at once. */
export const STORE_INSTANCES = 64;
