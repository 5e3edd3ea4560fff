/** Time between telling others that a node takes nothing any more and taking nothing, so that no message on its way comes back. */
export const DRAIN_TELL_MS = 1_500;
/** How long a change of capacity is waited for before it is answered that it goes on. */
export const CHANGE_WAIT_MS = 50;
/** Spans that one answer has. */
export const SPANS_TOLD_MAX = 5_000;
/** Breakers, throttles and members that one answer lists. */
export const LISTED_MAX = 5_000;
