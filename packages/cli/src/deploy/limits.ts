/** All files that are sent to run as an app, in bytes. */
export const DEPLOY_BYTES_MAX = 100 * 1024 * 1024;
/** Files that are sent to run as an app. */
export const DEPLOY_FILES_MAX = 9_000;
/** Files that an error about size names. */
export const LARGEST_NAMED = 5;
/** A script in which imports are looked for, in bytes. */
export const SCRIPT_BYTES_MAX = 4 * 1024 * 1024;
/** How long `--wait` waits where it is not told, in ms. */
export const DEPLOY_WAIT_MS = 5 * 60_000;
/** What git may send of one commit, packed, in bytes. */
export const GIT_FETCH_BYTES_MAX = 512 * 1024 * 1024;
/** All files of one commit, in bytes. */
export const GIT_TREE_BYTES_MAX = 1024 * 1024 * 1024;
/** How long git may take for one step, in ms. */
export const GIT_MS = 5 * 60_000;
/** How often is looked how much it has sent, in ms. */
export const GIT_LOOK_MS = 200;
/** What is kept of what git says, in characters. */
export const GIT_SAID_LENGTH = 8_192;
/** A file with a token, in bytes. */
export const GIT_TOKEN_BYTES_MAX = 4_096;
/** Lines of an app's log that are shown where nothing is said. */
export const LOG_LINES_DEFAULT = 100;
/** Processes that one component of an app may have. */
export const APP_INSTANCES_MAX = 64;
/** How often it is looked whether an app has as many processes as it is to, in ms. */
export const SCALE_LOOK_MS = 100;
/** Versions of an app that were sent and are kept, beside those that run or ran lately. */
export const SENT_KEPT = 10;
/** How long who was attached to an app serves on until the app's own processes do, in ms. */
export const DETACH_MS = 20_000;
/** How often that is looked at, in ms. */
export const DETACH_LOOK_MS = 200;

/** How often sizes are set anew where something else of the app was written meanwhile. */
export const SCALE_TRIES_MAX = 10;
