/** How long somebody who logged in stays so, in ms. */
export const PAGE_SESSION_MS = 12 * 3_600_000;
/** Most who are logged in at once; the oldest is logged out for one more. */
export const PAGE_SESSIONS_MAX = 16;
/** Wrong tokens in a minute, beyond which none is looked at. */
export const PAGE_GUESSES_PER_MINUTE = 10;
/** Most bytes of what is sent to log in. */
export const PAGE_LOGIN_BYTES_MAX = 4_096;
/** Streams that a page has open at once, at most. */
export const PAGE_STREAMS_MAX = 32;
