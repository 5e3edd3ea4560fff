/** Nodes that are asked at once. */
export const ASKED_AT_ONCE_MAX = 16;
/** Nodes that a command asks. */
export const NODES_MAX = 1_000;
/** Addresses of one node that are tried. */
export const ADDRESSES_TRIED_MAX = 3;
/** Longest wait for one node, where nothing else is said. */
export const ASK_TIMEOUT_MS = 2_000;
/** Time between two looks at something that goes on. */
export const FOLLOW_MS = 250;
/** Longest wait for what goes on to be over, where nothing else is said. */
export const SETTLE_TIMEOUT_MS = 60_000;
