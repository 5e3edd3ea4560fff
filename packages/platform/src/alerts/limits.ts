/** Sinks of a platform. */
export const ALERT_SINKS_MAX = 32;

/** How often a delivery is tried before it is dead. */
export const ALERT_TRIES_MAX = 8;

/** How long after the first try that failed comes the next, in ms; twice as long each time. */
export const ALERT_RETRY_MS = 5_000;

/** Longest wait for the answer of a sink, in ms. */
export const ALERT_TIMEOUT_MS = 10_000;

/** Deliveries that are tried at once. */
export const ALERT_BATCH = 50;

/** Longest sleep of who delivers, in ms. */
export const ALERT_SLEEP_MAX_MS = 60_000;

/** How long ended incidents and deliveries are kept, in ms. */
export const ALERTS_KEPT_MS = 30 * 86_400_000;

/** Incidents that are told at once. */
export const INCIDENTS_SHOWN = 50;

/** How often the disk is looked at, in ms. */
export const DISK_LOOK_MS = 60_000;

/** Of a disk that is nearly full, so much is free at most. */
export const DISK_FREE_SHARE_MIN = 0.05;
