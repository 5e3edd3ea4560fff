/** Files that a process in a cage may have open. */
export const CAGE_FILES_MAX = 4_096;
/** Bytes of one file that it writes. */
export const CAGE_FILE_BYTES_MAX = 1024 * 1024 * 1024;
/** How long a trial cage may take, in ms. */
export const CAGE_TRIAL_MS = 20_000;
/** Users of their own have numbers from here on, which nobody else on a machine has. */
export const CAGE_USERS_FROM = 1_000_000_000;
/** So many of them there are. */
export const CAGE_USERS_MAX = 1_000_000_000;
