/** Quotes that can still be taken, at once; beyond it those of whoever has the most go first. */
export const QUOTES_MAX = 512;
/** Pods that a provider has at once. */
export const PODS_MAX = 1_024;
/** Pods in one answer. */
export const PODS_PAGE_MAX = 100;
/** Lines of a ledger in one answer. */
export const LEDGER_LINES_MAX = 1_000;
/** Events that are kept of a pod; older ones are forgotten. */
export const POD_EVENTS_MAX = 500;
/** Letters of one. */
export const POD_EVENT_LETTERS_MAX = 1_000;
/** Points that are kept of what a pod uses. */
export const METRIC_POINTS_MAX = 720;
/** Lines of a file of both, beyond which it is written anew. */
export const HISTORY_LINES_MAX = 2_500;
/** Time between two points, in ms. */
export const METRIC_EVERY_MS = 10_000;
/** The processor is measured over so much time at least, in ms of the time that pods run by: over less, ticks are all that one sees. */
export const METRIC_SPAN_MIN_MS = 500;
/** Letters that a nonce for evidence may have. */
export const NONCE_CHARS_MAX = 128;
/** Keys that come with a pod: one for each image and secret. */
export const WRAPPED_KEYS_MAX = 64;
/** Stores that one key names. */
export const STORES_MAX = 8;
/** Letters of a quote as JSON. */
export const QUOTE_CHARS_MAX = 16 * 1024;
/** How often it is tried to have the chain say that a lease began, before it is left to later looks. */
export const START_TRIES_MAX = 5;
/** How long between these, in ms. */
export const START_REST_MS = 2_000;
/** How often a pod that waits for the chain is looked at, in ms. */
export const SETTLE_LOOK_MS = 5_000;
/** Leases that notice is given for at once while a provider is drained. */
export const NOTICES_AT_ONCE = 16;
/** Bytes of the file of a provider. */
export const CONFIG_BYTES_MAX = 256 * 1024;
/** Domains of its own that a provider names. */
export const HOSTS_FREE_MAX = 256;
/** How long a provider that runs may take to answer a command, in ms. */
export const CONTROL_MS = 60_000;
/** The same where it sends calls to the chain, each of which has five minutes. */
export const CONTROL_MONEY_MS = 16 * 60_000;
/** Letters of its answer. */
export const CONTROL_BYTES_MAX = 16 * 1024 * 1024;
