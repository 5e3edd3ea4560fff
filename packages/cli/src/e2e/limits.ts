/** Longest wait for a letter, in ms. */
export const LETTER_WAIT_MS = 60_000;

/** How often a folder of letters is looked at, in ms. */
export const LETTER_LOOK_MS = 100;

/** Letters that are looked at, the newest first: a mailbox of others' letters may be large. */
export const LETTERS_MAX = 1_000;

/** Longest wait for one answer of the platform, as commands have it. */
export const ANSWER_WAIT = "60s";

/** Longest wait until an app runs: as long as the story allows. */
export const RUN_WAIT = "2m";

/** Longest wait for one call by HTTP, in ms. */
export const CALL_WAIT_MS = 30_000;

/** How often a signup that is under way is looked at, in ms. */
export const SIGNUP_LOOK_MS = 250;

/** How often at most: as long as it takes a payment to be heard of. */
export const SIGNUP_LOOKS_MAX = 240;
