/** How long an access token is good, in ms: what is revoked counts at once all the same. */
export const ACCESS_MS = 10 * 60_000;
/** How long a session lasts that is not refreshed, in ms. */
export const SESSION_IDLE_MS = 30 * 86_400_000;
/** How long a session lasts at most, in ms. */
export const SESSION_MAX_MS = 180 * 86_400_000;
/** Sessions of one user; one more ends the oldest. */
export const SESSIONS_MAX = 100;
/** Tokens for programs of one user. */
export const TOKENS_MAX = 100;
/** Characters of a password, at least. */
export const PASSWORD_LENGTH_MIN = 10;
/** Characters of a password, at most. */
export const PASSWORD_LENGTH_MAX = 256;
/** Passwords that are hashed at once: each takes 19 MiB. */
export const HASHES_AT_ONCE = 2;
/** Passwords that wait to be hashed; further ones are refused. */
export const HASHES_WAITING_MAX = 64;
/** Wrong passwords for one account before there is a wait. */
export const WRONG_FREE = 5;
/** The first wait, in ms; each further wrong password doubles it. */
export const WRONG_WAIT_MS = 1_000;
/** The longest wait, in ms. */
export const WRONG_WAIT_MAX_MS = 15 * 60_000;
/** How long wrong passwords are remembered after the last, in ms. */
export const WRONG_KEPT_MS = 3_600_000;
/** Accounts of which wrong passwords are remembered; with one more the oldest is forgotten. */
export const WRONG_ACCOUNTS_MAX = 100_000;
/** How long the answer to a wrong password takes at least, in ms, so that nobody learns from it what was looked at. */
export const WRONG_ANSWER_MS = 300;
/** Logins from one source at once. */
export const SOURCE_BURST = 20;
/** Logins from one source in a minute, on end. */
export const SOURCE_PER_MINUTE = 20;
/** Sources of logins that are counted; with one more the oldest is forgotten. */
export const SOURCES_MAX = 100_000;
/** Access tokens of which it is known who signed them; with one more the oldest is looked at anew. */
export const KNOWN_TOKENS_MAX = 10_000;
/** How exactly it is kept when a token for programs was last used, in ms. */
export const USED_EXACT_MS = 3_600_000;
/** Messages of accounts that are handled at once. */
export const ACCOUNTS_INSTANCES = 256;
/** How often a session of a browser that is used is noted as such, in ms. */
export const WEB_NOTE_MS = 3_600_000;
