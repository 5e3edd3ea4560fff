/** How long a mailed code is good, in ms. */
export const CODE_MS = 15 * 60_000;

/** How often a code may be tried. */
export const CODE_TRIES_MAX = 5;

/** Letters of a code, out of 31: 40 bits almost. */
export const CODE_LETTERS = 8;

/** Codes that are mailed to one address within `CODE_COUNTED_MS`. */
export const CODES_MAX = 5;

/** How long a mailed code counts, in ms. */
export const CODE_COUNTED_MS = 3_600_000;

/** Signups that are under way or not forgotten yet. */
export const SIGNUPS_MAX = 100_000;

/** How long a proven address may be made something of, and a way to pay be named, in ms. */
export const SIGNUP_OPEN_MS = 86_400_000;

/** How long making a space and its account may take before all of it is undone, in ms. */
export const SIGNUP_MAKING_MS = 3_600_000;

/** How long a signup is known after its end, so that whoever lost the answer can ask again, in ms. */
export const SIGNUP_KEPT_MS = 86_400_000;

/** How often a signup looks by itself whether its first invoice is paid or withdrawn, in ms; it looks at once when somebody asks. */
export const SIGNUP_LOOK_MS = 3_600_000;

/** First and longest wait before what failed without an answer is done again. */
export const SIGNUP_RETRY_MS = { first: 1_000, most: 600_000 } as const;

/** So many signups are looked up at once that have something due. */
export const SIGNUP_BATCH = 100;

/** Signups look at least so often whether something is due, in ms. */
export const SIGNUP_SLEEP_MAX_MS = 60_000;

/** The most steps that a signup takes at one moment. */
export const SIGNUP_STEPS_MAX = 100;

/** How often a signup is looked at again that somebody else writes at the same time. */
export const SIGNUP_WRITE_TRIES = 5;

/** How long an invite is good, in ms. */
export const INVITE_MS = 14 * 86_400_000;

/** Invites to one Space that are open at a time. */
export const SPACE_INVITES_MAX = 100;

/** Messages of signups that are handled at once. */
export const SIGNUP_INSTANCES = 64;
