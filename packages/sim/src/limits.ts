/** Ticks of a millisecond: a tick is 1 µs. */
export const TICKS_PER_MS = 1000;

/** Wall time of tick 0 where a world does not say: 2026-01-01T00:00:00Z, in ms since 1970. */
export const EPOCH_MS = 1_767_225_600_000;

/** Messages that may wait or travel on one direction of a link. */
export const LINK_MESSAGES_MAX = 65_536;

/** Ms before a link going out tries again to connect; doubles with each failure. */
export const RECONNECT_MIN_MS = 20;

/** Longest time between two tries to connect, in ms. */
export const RECONNECT_MAX_MS = 5_000;

/** How long a connection lives on while nothing gets through, in ms, where a world does not say. */
export const BREAK_AFTER_MS = 10_000;

/** How long `close` waits for the other sides to learn of it, in ms. */
export const LINGER_MS = 1_000;

/** Events that run before the process looks after its own business, such as a signal or a debugger. */
export const EVENTS_PER_PASS = 4_096;

/** Events of one run, where it does not say: more is taken for a run that never ends. */
export const EVENTS_MAX = 10_000_000;

/** Rules for messages that may stand at once. */
export const MESSAGE_RULES_MAX = 256;

/** After which time a medium repeats what it lost, in ms; doubles with each loss. */
export const REPEAT_MS = 200;

/** How often a medium repeats what it lost, before it counts as through. */
export const REPEATS_MAX = 6;
