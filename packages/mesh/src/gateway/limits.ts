/** Networks in which one gateway may have a foot. */
export const GATEWAY_NETWORKS_MAX = 9;
/** Patterns of one list of exports, imports or agents. */
export const PATTERNS_MAX = 1_000;
/** A stream may rest this many times as long at a gateway as its ends allow: they are the first to end it. */
export const IDLE_SLACK = 1.5;
/** How long what a network offers may be old before it is told in the others, in ms. */
export const OFFERS_TOLD_MS = 200;
/** How old the distance of a sender may be, in ms. */
export const DISTANCE_AGE_MS = 5_000;
