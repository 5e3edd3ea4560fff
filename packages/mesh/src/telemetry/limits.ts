/** Characters of one log line; of a longer one the fields are left out, and its text is cut. */
export const LOG_LINE_CHARACTERS_MAX = 16_384;
/** Characters of one text in a log line; a longer one is cut. */
export const LOG_TEXT_CHARACTERS_MAX = 4_096;
/** Fields of one object, or values of one list, in a log line; further ones are left out. */
export const LOG_FIELDS_MAX = 64;
/** Levels of nesting in a field of a log line. */
export const LOG_DEPTH_MAX = 6;
/** Sinks that lines may go to at once. */
export const LOG_SINKS_MAX = 16;
/** Components that may have a log level of their own. */
export const LOG_LEVELS_MAX = 1_024;
/** Finished spans that a node keeps for who asks. */
export const SPANS_KEPT_MAX = 2_048;
/** Finished spans that may wait for one exporter; further ones are dropped and counted. */
export const SPANS_WAITING_MAX = 8_192;
/** Spans that an exporter is given at once. */
export const SPANS_BATCH_MAX = 512;
/** How long a span waits for others to be exported with it. */
export const EXPORT_EVERY_MS = 1_000;
/** How long an export may take. */
export const EXPORT_TIMEOUT_MS = 10_000;
/** Times that an OTLP export is tried. */
export const EXPORT_TRIES_MAX = 4;
/** Pause before an OTLP export is tried again; it doubles each time. */
export const EXPORT_RETRY_MS = 500;
/** Methods that messages are counted by, at each side; what goes beyond is counted as `other`. */
export const METHODS_COUNTED_MAX = 1_000;
/** Samples of one metric in a scrape; further ones are left out and counted. */
export const METRIC_SAMPLES_MAX = 10_000;
/** Plugins of one telemetry. */
export const PLUGINS_MAX = 16;
/** Debug watches at once. */
export const DEBUG_WATCHES_MAX = 32;
/** How long a debug watch holds when nobody says. */
export const DEBUG_WATCH_DEFAULT_MS = 300_000;
/** Longest time that a debug watch may ask for. */
export const DEBUG_WATCH_MAX_MS = 3_600_000;
/** Messages that a debug watch shows when nobody says; then it ends. */
export const DEBUG_MESSAGES_DEFAULT = 10_000;
/** Most messages that a debug watch may ask to see. */
export const DEBUG_MESSAGES_MAX = 1_000_000;
