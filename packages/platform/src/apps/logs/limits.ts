/** Bytes of one file of an app's log; a line more may fit. */
export const LOG_FILE_BYTES = 512 * 1024;
/** Files that are kept of an app's log; the oldest goes. */
export const LOG_FILES_KEPT = 8;
/** Characters of a line that are kept. */
export const LOG_LINE_LENGTH = 16 * 1024;
/** Bytes of a log that are read at once. */
export const LOG_READ_BYTES = 64 * 1024;
/** Bytes that a process may have printed and nobody has taken; what is older is left out. */
export const OUTPUT_AHEAD_BYTES = 4 * 1024 * 1024;
/** Bytes of such a file from which on it is emptied when all is taken. */
export const OUTPUT_EMPTIED_BYTES = 256 * 1024;
/** How long is waited after something was printed until it is taken, in ms: what comes together is taken together. */
export const OUTPUT_TAKE_MS = 50;
/** Lines that an answer has. */
export const LOG_ANSWER_LINES = 500;
/** Lines that may be asked for from before. */
export const LOG_LINES_MAX = 50_000;
/** Who reads logs of apps at a time. */
export const LOG_READERS_MAX = 500;
/** How long who follows a log is believed to may do so, in ms; then it is looked again. */
export const LOG_CHECK_MS = 1_000;
/** Log levels of one Space that count. */
export const LOG_RULES_MAX = 100;
/** Characters of the pattern of a log level. */
export const LOG_PATTERN_LENGTH = 256;
/** Steps of such a pattern. */
export const LOG_PATTERN_STEPS = 16;
/** Addresses whose log level is known without a look at the rules. */
export const LOG_ADDRESSES_KNOWN = 10_000;
/** Apps whose lines one reader may follow together. */
export const LOG_TAIL_APPS = 100;
/** How often it is looked whether other apps are to be followed, in ms. */
export const LOG_TAIL_LOOK_MS = 1_000;
