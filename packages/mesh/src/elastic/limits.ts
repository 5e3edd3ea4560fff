/** Every bound of elasticity, by name. */

/** Components that one controller sizes. */
export const ELASTIC_COMPONENTS_MAX = 1000;
/** Changes that one controller has under way at once; for one component and place there is one at a time. */
export const CHANGES_MAX = 16;
/** Time between two looks, where nothing is about to be overdue. */
export const LOOK_MS = 50;
/** How long a place is left alone that failed to run more; twice as long each time. */
export const REST_MIN_MS = 1000;
/** Longest time that a place is left alone which keeps failing. */
export const REST_MAX_MS = 60_000;
/** Time between two looks whether processes have started or ended. */
export const STAND_LOOK_MS = 5;
/** Hosts that are asked for bids at once. */
export const BIDS_MAX = 8;
/** How long a host is left alone that had no room, or did not answer. */
export const FULL_MS = 5000;
/** How long a lease lasts that is not renewed; it is renewed three times as often. */
export const LEASE_MS = 10_000;
/** Longest lease that a lender gives. */
export const LEASE_MAX_MS = 600_000;
/** Leases that one lender has given. */
export const LEASES_MAX = 1024;
/** Characters of a lease's name. */
export const LEASE_NAME_MAX = 256;
/** How long an offer, or a release, may take. */
export const ASK_MS = 2000;
/** How long instances on another host may take to be ready. */
export const GROW_MS = 15_000;
